# expect: GCF501 2:8 error
user = -5
