# expect: GCF003 5 error
if True:
    workers = 2
    timeout = 5
   keepalive = 1
