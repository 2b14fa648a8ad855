# expect: GCF601 - error
# application: none
workers = 2
