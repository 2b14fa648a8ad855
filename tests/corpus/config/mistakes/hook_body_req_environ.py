# expect: GCF404 3:21 error  # pending: lint of hook bodies
def pre_request(worker, req):
    worker.log.info(req.environ["PATH_INFO"])
