# expect: GCF304 3:9 note
workers = 4
debug = True
