# expect: GCF102 2:1 warning
tolerate_dangerous_framing = True
