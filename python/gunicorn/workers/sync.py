"""worker_class = "sync": one request at a time, in the worker's main thread."""

from gunicorn.workers.base import Worker


class SyncWorker(Worker):
    """Served by the native engine with inline dispatch."""
