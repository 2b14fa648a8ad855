# case: hooks with keyword-only extras, with defaults and positional-only parameters
def post_fork(server, worker, *, _seen=set()):  #: post_fork
    _seen.add(worker.pid)


def pre_request(worker, req, *, verbose: bool = False):  #: pre_request
    if verbose:
        worker.log.info(req.path)


def post_request(worker, req):  #: post_request
    worker.log.debug("done: %s", req.path)
