# expect: GCF402 5 error
workers = 2


def post_fork(server):
    server.log.info("forked")
