# expect: GCF511 2:8 error
bind = "unix:/nope/shop.sock"
