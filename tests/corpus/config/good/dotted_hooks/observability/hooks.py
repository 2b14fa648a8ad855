def post_fork(server, worker):
    worker.log.info("forked")


def note_request(worker, req):
    worker.log.debug(req.path)
