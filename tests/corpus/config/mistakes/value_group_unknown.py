# expect: GCF502 2:9 error
group = "ghosts-of-the-corpus"
