# expect: GCF209 2:23 error
forwarded_allow_ips = "10.0.0.1/8"
