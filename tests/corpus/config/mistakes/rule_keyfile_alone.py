# expect: GCF301 3:11 error
# pending: TLS
keyfile = "/tmp/corpus-key.pem"
