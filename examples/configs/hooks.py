# What runs when. A hook is a function of this file, any other callable, or the dotted name of one.

import os
import time

bind = "127.0.0.1:8000"
workers = 2


# In the master.


def on_starting(server):
    server.log.info("hooks: starting, pid %d", os.getpid())


def when_ready(server):
    server.log.info("hooks: listening on %s", ", ".join(map(str, server.LISTENERS)))


def nworkers_changed(server, new_value, old_value):
    server.log.info("hooks: %s workers are wanted, %s were", new_value, old_value)


def pre_fork(server, worker):
    # Attributes reach the worker.
    worker.forked_at = time.monotonic()


def child_exit(server, worker):
    server.log.info("hooks: worker %s is gone", worker.pid)


def on_exit(server):
    server.log.info("hooks: good bye")


# In each worker.


def post_fork(server, worker):
    # The place to open connections that processes must not share.
    server.log.info("hooks: worker %d of age %d begins", worker.pid, worker.age)


def post_worker_init(worker):
    worker.log.info("hooks: booted in %d ms", (time.monotonic() - worker.forked_at) * 1000)


def worker_int(worker):
    worker.log.info("hooks: worker %d was interrupted", worker.pid)


def worker_abort(worker):
    worker.log.info("hooks: worker %d was silent for too long", worker.pid)


def worker_exit(server, worker):
    server.log.info("hooks: worker %d served %d requests", worker.pid, worker.nr)


# For each request.


def pre_request(worker, req):
    # What is added here is part of the environ: HTTP_X_SERVED_BY.
    req.headers.append(("X-SERVED-BY", str(worker.pid)))


def post_request(worker, req, environ, resp):
    if resp is not None and resp.status_code >= 500:
        worker.log.warning("hooks: %s %s was answered with %s", req.method, req.path, resp.status)
