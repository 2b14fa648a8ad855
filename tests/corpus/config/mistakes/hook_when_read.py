# expect: GCF103 2:5 warning
def when_read(server):
    server.log.info("ready")
