# expect: GCF521 2:8 error
bind = "192.0.2.17:8000"
