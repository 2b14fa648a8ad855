# expect: GCF101 2:1 warning
redirect_stderr = True
