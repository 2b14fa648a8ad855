# case: connections of the parent are dropped after the fork, with the module imported in the hook only
preload_app = True  #: preload_app


def post_fork(server, worker):  #: post_fork
    import sys

    database = sys.modules.get("shop.database")
    if database is not None:
        database.engine.dispose(close=False)


def pre_fork(server, worker):  #: pre_fork
    import gc

    gc.freeze()
