# expect: GCF303 2:11 warning
workers = 0
