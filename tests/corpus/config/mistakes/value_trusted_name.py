# expect: GCF209 2:23 error
forwarded_allow_ips = "localhost"
