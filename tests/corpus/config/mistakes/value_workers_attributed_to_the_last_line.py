# expect: GCF201 4:15 error
workers = 2
for factor in (1, 2):
    workers = "%d workers" % factor
timeout = 30
