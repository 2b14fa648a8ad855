# expect: GCF201 2:11 error
workers = 2.5
