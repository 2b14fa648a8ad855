# expect: GCF510 3:13 error
# pending: logconfig
logconfig = "/nope.ini"
