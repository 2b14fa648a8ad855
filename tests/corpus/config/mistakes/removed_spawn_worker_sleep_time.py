# expect: GCF102 3:1 warning
workers = 2
spawn_worker_sleep_time = 1
