# expect: GCF006 4 error
# args: --check-timeout 2
workers = 1
while True: workers += 0
