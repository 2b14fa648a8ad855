# expect: GCF101 3:1 warning
timeout = 30
keep_alive = 5
