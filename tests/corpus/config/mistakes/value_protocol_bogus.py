# expect: GCF208 2:12 error
protocol = "bogus"
