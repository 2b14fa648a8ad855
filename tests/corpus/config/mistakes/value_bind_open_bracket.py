# expect: GCF210 2:8 error
bind = "[::1:8000"
