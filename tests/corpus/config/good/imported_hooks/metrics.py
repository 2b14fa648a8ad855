class ServerHooks:
    @staticmethod
    def ready(server):
        server.log.info("metrics: ready")


def child_exit(server, worker):
    server.log.info("metrics: %s", worker.pid)


def worker_left(server, worker):
    pass


def observe(worker, req, environ, resp):
    worker.log.debug("%s", resp.status)
