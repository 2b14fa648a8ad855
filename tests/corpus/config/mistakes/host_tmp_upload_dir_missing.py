# expect: GCF511 3:18 error
# pending: preflight of the host
tmp_upload_dir = "/nope"
