# expect: GCF404 3:5 error  # pending: lint of hook bodies
def when_ready(server):
    server.logger.info("ready")
