# expect: GCF101 2:1 warning
env = ["A=1"]
