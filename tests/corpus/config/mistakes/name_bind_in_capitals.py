# expect: GCF101 2:1 warning
BIND = "127.0.0.1:8000"
