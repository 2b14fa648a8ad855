# expect: GCF526 2:8 error  # pending: preflight of the host
bind = ["0.0.0.0:8000", "127.0.0.1:8000"]
