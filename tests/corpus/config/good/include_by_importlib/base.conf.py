import sys

workers = 2
threads = 2


def post_fork(server, worker):
    worker.log.info("python %s", sys.version_info[0])
