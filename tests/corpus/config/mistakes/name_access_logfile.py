# expect: GCF101 2:1 warning
access_logfile = "-"
workers = 2
