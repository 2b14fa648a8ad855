# expect: GCF211 2:11 error
raw_env = [""]
