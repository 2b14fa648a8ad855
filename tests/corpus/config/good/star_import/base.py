import os

workers = 2
timeout = 20
backlog = 1024
keepalive = int(os.environ.get("KEEPALIVE", "3"))


def on_exit(server):
    server.log.info("base: exit")


def worker_exit(server, worker):
    server.log.info("base: %s left", worker.pid)
