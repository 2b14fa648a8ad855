# expect: GCF511 2:9 error
chdir = "/nope/site"
