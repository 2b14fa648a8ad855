# case: a hook changes the configuration object, reads it, and keeps own attributes
import os


def on_starting(server):  #: on_starting
    if os.environ.get("WORKERS_NOW"):
        server.cfg.set("workers", int(os.environ["WORKERS_NOW"]))
    server.log.info("%s workers, timeout %s", server.cfg.workers, server.cfg.timeout)


def post_worker_init(worker):  #: post_worker_init
    worker.requests_by_path = {}
    worker.log.info("application: %s", worker.app.callable)


workers = 2  #: workers
