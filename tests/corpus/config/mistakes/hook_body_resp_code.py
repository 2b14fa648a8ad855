# expect: GCF404 3:27 error
def post_request(worker, req, environ, resp):
    worker.log.info("%s", resp.code)
