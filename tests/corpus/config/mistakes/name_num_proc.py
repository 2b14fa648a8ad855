# expect: GCF101 2:1 warning
num_proc = 4
