def ready(server):
    server.log.info("ready")
