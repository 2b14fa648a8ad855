# expect: GCF101 2:1 warning
uid = 1000
