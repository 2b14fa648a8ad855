# expect: GCF512 2:12 error
errorlog = "/nope/error.log"
