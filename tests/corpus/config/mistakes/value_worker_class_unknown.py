# expect: GCF213 2:16 error
worker_class = "nosuch"
