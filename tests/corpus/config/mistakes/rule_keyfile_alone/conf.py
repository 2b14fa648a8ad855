# expect: GCF301 2:11 error  # pending: TLS
keyfile = "key.pem"
