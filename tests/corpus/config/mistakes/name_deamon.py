# expect: GCF101 2:1 warning
deamon = False
