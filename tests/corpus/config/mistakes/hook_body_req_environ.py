# expect: GCF404 4:21 error
# pending: lint of hook bodies
def pre_request(worker, req):
    worker.log.info(req.environ["PATH_INFO"])
