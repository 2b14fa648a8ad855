# expect: GCF101 2:1 warning
pid = "/tmp/shop.pid"
