# expect: GCF530 2:12 error
certfile = __file__
