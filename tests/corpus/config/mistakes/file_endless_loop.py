# expect: GCF006 6 error
# pending: --check-timeout
# args: --check-timeout 2
workers = 1
while True:
    workers += 0
