WORKERS = 3


def address(port):
    return "127.0.0.1:%d" % port
