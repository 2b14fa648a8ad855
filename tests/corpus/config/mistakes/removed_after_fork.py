# expect: GCF102 2:5 warning
def after_fork(server, worker):
    worker.log.info("forked")
