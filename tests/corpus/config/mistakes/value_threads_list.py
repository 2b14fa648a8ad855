# expect: GCF201 2:11 error
threads = [2]
