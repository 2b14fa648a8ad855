# expect: GCF205 2:8 error
bind = ("127.0.0.1", 8000)
