# expect: GCF524 2:8 error
bind = "unix:shop.sock"
