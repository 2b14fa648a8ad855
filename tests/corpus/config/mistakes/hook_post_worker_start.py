# expect: GCF103 5:5 warning
workers = 2


def post_worker_start(worker):
    worker.log.info("started")
