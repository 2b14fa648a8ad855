# case: own attributes on the request, between two hooks
import time


def pre_request(worker, req):  #: pre_request
    req._begun = time.perf_counter()
    worker.log.debug("%s %s", req.method, req.path)


def post_request(worker, req, environ):  #: post_request
    passed = time.perf_counter() - getattr(req, "_begun", time.perf_counter())
    if passed > 1.0:
        worker.log.warning("slow: %s (%.1f s) for %s", req.path, passed, environ.get("REMOTE_ADDR"))
