# expect: GCF101 3:1 warning
workers = 2
max_worker_memory = 200
