# expect: GCF401 6:14 error
def ready(server=None):
    pass


when_ready = ready()
