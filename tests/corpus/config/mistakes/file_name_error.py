# expect: GCF004 2:11 error
workers = multiprocessing.cpu_count() * 2 + 1
