# expect: GCF404 4:5 error
# pending: lint of hook bodies
def when_ready(server):
    server.logger.info("ready")
