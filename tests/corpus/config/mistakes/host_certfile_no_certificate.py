# expect: GCF530 3:12 error
# pending: TLS
certfile = __file__
