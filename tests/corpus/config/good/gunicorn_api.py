# case: names of the package are imported, for annotations and for what they do
import gunicorn.glogging
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from gunicorn.workers.sync import SyncWorker

logger_class = gunicorn.glogging.Logger  #: logger_class


def post_fork(server: Arbiter, worker: Worker) -> None:  #: post_fork
    server.log.info("%s is %s", worker.pid, isinstance(worker, SyncWorker))
