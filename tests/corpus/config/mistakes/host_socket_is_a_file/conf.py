# expect: GCF524 2:8 error  # pending: preflight of the host
bind = "unix:shop.sock"
