# expect: GCF101 3:1 warning
# pending: a fault: the text shop.pid counts as a reading of pid
pid = "/tmp/shop.pid"
