# expect: GCF404 3:52 error  # pending: lint of hook bodies
def child_exit(server, worker):
    server.log.info("%s left with %s", worker.pid, worker.exitcode)
