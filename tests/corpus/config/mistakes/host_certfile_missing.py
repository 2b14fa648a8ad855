# expect: GCF510 3:12 error
# pending: TLS
certfile = "/nope.pem"
