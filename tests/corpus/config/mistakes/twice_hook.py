# expect: GCF104 9:5 warning
def when_ready(server):
    server.log.info("first")


workers = 2


def when_ready(server):
    server.log.info("second")
