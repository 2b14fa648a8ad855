# case: every hook of the server, in the order of its life
def on_starting(server):  #: on_starting
    server.log.info("on_starting")


def on_reload(server):  #: on_reload
    server.log.info("on_reload")


def when_ready(server):  #: when_ready
    server.log.info("when_ready, pid %s", server.pid)


def pre_fork(server, worker):  #: pre_fork
    pass


def post_fork(server, worker):  #: post_fork
    server.log.info("spawned %s", worker.pid)


def post_worker_init(worker):  #: post_worker_init
    worker.log.info("initialized")


def worker_int(worker):  #: worker_int
    import sys
    import threading
    import traceback

    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():
        worker.log.debug("%s\n%s", names.get(ident), "".join(traceback.format_stack(frame)))


def worker_abort(worker):  #: worker_abort
    worker.log.info("aborted")


def pre_exec(server):  #: pre_exec
    server.log.info("a new master")


def pre_request(worker, req):  #: pre_request
    worker.log.debug("%s %s", req.method, req.path)


def post_request(worker, req, environ, resp):  #: post_request
    worker.log.debug("%s", resp.status)


def child_exit(server, worker):  #: child_exit
    pass


def worker_exit(server, worker):  #: worker_exit
    pass


def nworkers_changed(server, new_value, old_value):  #: nworkers_changed
    server.log.info("%s -> %s", old_value, new_value)


def on_exit(server):  #: on_exit
    server.log.info("bye")
