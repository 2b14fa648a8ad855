# expect: GCF510 2:13 error
logconfig = "/nope.ini"
