# expect: GCF511 2:18 error  # pending: preflight of the host
tmp_upload_dir = "/nope"
