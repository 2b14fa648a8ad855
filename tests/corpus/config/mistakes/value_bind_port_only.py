# expect: GCF206 2:8 error
bind = 8000
