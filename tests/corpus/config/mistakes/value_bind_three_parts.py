# expect: GCF210 2:8 error
bind = "localhost:8000:xx"
