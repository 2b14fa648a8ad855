bind = ["127.0.0.1:8017", "127.0.0.1:8018"]
workers = 4
request_timeout = 33


def when_started(server):
    server.log.info("started")
