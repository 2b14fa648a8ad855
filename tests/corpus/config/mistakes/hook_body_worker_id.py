# expect: GCF404 3:34 error  # pending: lint of hook bodies
def post_fork(server, worker):
    worker.log.info("worker %s", worker.id)
