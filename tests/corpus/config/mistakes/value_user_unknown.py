# expect: GCF501 2:8 error
user = "ghost-of-the-corpus"
