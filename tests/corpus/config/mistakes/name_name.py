# expect: GCF101 2:1 warning
name = "shop"
