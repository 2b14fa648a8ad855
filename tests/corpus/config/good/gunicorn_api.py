# case: names of the package are imported, for annotations and for what they do
import gunicorn.glogging
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import CONFIG_DEFAULTS
from gunicorn.workers.base import Worker
from gunicorn.workers.sync import SyncWorker

log_default_level = CONFIG_DEFAULTS["root"]["level"].lower()
loglevel = log_default_level  #: loglevel
logger_class = gunicorn.glogging.Logger  #: logger_class


def post_fork(server: Arbiter, worker: Worker) -> None:  #: post_fork
    server.log.info("%s is %s", worker.pid, isinstance(worker, SyncWorker))
