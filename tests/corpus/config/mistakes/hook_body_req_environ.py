# expect: GCF404 3:21 error
def pre_request(worker, req):
    worker.log.info(req.environ["PATH_INFO"])
