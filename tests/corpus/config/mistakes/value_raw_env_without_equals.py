# expect: GCF211 2:11 error
raw_env = ["DEBUG=1", "FOO"]
