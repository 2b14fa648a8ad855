# expect: GCF101 2:1 warning  # pending: a fault: the text shop.pid counts as a reading of pid
pid = "/tmp/shop.pid"
