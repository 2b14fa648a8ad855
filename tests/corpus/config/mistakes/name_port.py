# expect: GCF101 2:1 warning
port = 8000
