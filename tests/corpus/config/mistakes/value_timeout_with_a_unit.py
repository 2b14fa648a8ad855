# expect: GCF201 2:11 error
timeout = "30s"
