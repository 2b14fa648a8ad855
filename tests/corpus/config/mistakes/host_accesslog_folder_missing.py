# expect: GCF512 2:13 error
accesslog = "/nope/access.log"
