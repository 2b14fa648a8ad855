# expect: nothing
def child_exit(server, worker):
    server.log.info("%s", getattr(worker, "exitcode", "unknown"))
    if hasattr(worker, "started"):
        server.log.info("%s", worker.started)
