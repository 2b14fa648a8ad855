# expect: GCF511 2:11 error
pidfile = "/nope/shop.pid"
