# expect: GCF510 2:12 error
certfile = "/nope.pem"
