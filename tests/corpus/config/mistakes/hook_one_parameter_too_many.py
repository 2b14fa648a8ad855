# expect: GCF402 2 error
def when_ready(server, worker):
    server.log.info("ready")
