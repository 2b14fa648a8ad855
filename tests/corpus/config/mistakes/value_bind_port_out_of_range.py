# expect: GCF210 3:8 error
workers = 2
bind = "0.0.0.0:99999"
