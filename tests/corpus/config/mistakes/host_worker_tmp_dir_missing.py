# expect: GCF511 2:18 warning  # pending: preflight of the host
worker_tmp_dir = "/nope"
