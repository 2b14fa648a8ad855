# expect: GCF521 2:8 error  # pending: preflight of the host
bind = "192.0.2.17:8000"
