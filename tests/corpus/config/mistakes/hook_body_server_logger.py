# expect: GCF404 3:5 error
def when_ready(server):
    server.logger.info("ready")
