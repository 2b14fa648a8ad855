# expect: GCF511 2:18 error
tmp_upload_dir = "/nope"
