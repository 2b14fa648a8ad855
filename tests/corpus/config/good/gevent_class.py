# case: a gevent deployment with the psycopg2 hook of psycogreen, when they are there
# waits: worker_class
import importlib.util

worker_class = "gevent"  #: worker_class
worker_connections = 2000  #: worker_connections
workers = 4  #: workers

if importlib.util.find_spec("gevent") is not None:
    import gevent.monkey

    gevent.monkey.patch_all()


def post_fork(server, worker):  #: post_fork
    try:
        from psycogreen.gevent import patch_psycopg
    except ImportError:
        worker.log.warning("psycogreen is not installed")
    else:
        patch_psycopg()
        worker.log.info("psycopg2 is green")
