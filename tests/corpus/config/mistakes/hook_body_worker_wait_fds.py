# expect: id=missing_attribute 3:5 error
def post_worker_init(worker):
    worker.wait_fds.append(3)
