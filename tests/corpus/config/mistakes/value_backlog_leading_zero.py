# expect: GCF201 2:11 error
backlog = "007"
