RECYCLE = 1500


def workers():
    return 2
