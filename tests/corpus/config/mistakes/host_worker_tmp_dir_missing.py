# expect: GCF511 3:18 error
# pending: preflight of the host
worker_tmp_dir = "/nope"
