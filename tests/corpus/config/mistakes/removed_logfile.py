# expect: GCF102 2:1 warning
logfile = "/tmp/shop.log"
