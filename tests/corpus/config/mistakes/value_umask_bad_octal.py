# expect: GCF201 2:9 error
umask = "008"
