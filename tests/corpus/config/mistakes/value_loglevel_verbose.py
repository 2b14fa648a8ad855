# expect: GCF217 2:12 warning
loglevel = "verbose"
