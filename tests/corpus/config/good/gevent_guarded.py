# case: gevent patches at import, when it is installed
try:
    from gevent import monkey

    monkey.patch_all()
    import gevent.hub

    has_gevent = True
except ImportError:
    has_gevent = False

workers = 2  #: workers
threads = 4  #: threads
timeout = 120 if has_gevent else 60  #: timeout
