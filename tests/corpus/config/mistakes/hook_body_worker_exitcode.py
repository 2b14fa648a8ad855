# expect: GCF404 3:52 error
def child_exit(server, worker):
    server.log.info("%s left with %s", worker.pid, worker.exitcode)
