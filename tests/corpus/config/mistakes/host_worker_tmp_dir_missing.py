# expect: GCF511 2:18 warning
worker_tmp_dir = "/nope"
