# expect: GCF101 2:10 warning
workers, tread = 2, 4
