workers = 2
timeout = 58
keepalive = 9


def when_ready(server):
    server.log.info("common: ready")
