# expect: GCF210 2:8 error
bind = "http://127.0.0.1:8000/"
