# expect: id=missing_attribute 3:5 error  # pending: lint of hook bodies
def post_worker_init(worker):
    worker.tmp.notify()
