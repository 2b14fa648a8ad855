# expect: GCF401 2:14 error
when_ready = True
