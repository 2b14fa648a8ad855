# expect: GCF530 2:12 error  # pending: TLS
certfile = __file__
