# expect: GCF301 2:11 error
keyfile = "key.pem"
