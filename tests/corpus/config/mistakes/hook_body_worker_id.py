# expect: GCF404 3:34 error
def post_fork(server, worker):
    worker.log.info("worker %s", worker.id)
