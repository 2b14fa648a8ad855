# expect: GCF514 2:12 error
certfile = "/tmp"
