# expect: GCF006 5 error  # pending: --check-timeout
# args: --check-timeout 2
workers = 1
while True:
    workers += 0
