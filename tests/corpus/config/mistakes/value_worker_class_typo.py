# expect: GCF213 3:16 error
threads = 4
worker_class = "gthraed"
