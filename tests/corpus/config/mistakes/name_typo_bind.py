# expect: GCF101 2:1 warning
bnd = "127.0.0.1:8000"
workers = 2
