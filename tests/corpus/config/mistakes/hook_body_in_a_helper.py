# expect: GCF404 3:36 error
def describe(worker):
    return "%s: %s" % (worker.pid, worker.exit_status)


def child_exit(server, worker):
    server.log.info(describe(worker))
