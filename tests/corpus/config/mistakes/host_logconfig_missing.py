# expect: GCF510 2:13 error  # pending: logconfig
logconfig = "/nope.ini"
