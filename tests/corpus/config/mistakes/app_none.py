# expect: GCF601 - error  # pending: check of the application
# application: none
workers = 2
