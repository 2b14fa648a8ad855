# expect: GCF201 3:11 error
cores = 3
workers = cores / 2 + 1
