"""worker_class = "gthread": requests run in a pool of threads."""

from gunicorn.workers.base import Worker


class ThreadWorker(Worker):
    """Served by the native engine with queued dispatch to `threads` Python threads."""
