# expect: GCF510 2:12 error  # pending: TLS
certfile = "/nope.pem"
