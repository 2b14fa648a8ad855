# expect: GCF202 2:11 error
workers = -1
