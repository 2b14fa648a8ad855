def when_ready(server):
    pass
