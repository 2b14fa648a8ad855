# case: annotated assignments, with types of typing and of gunicorn
from __future__ import annotations

from typing import List, Optional

from gunicorn.workers.base import Worker

workers: int = 2  #: workers
bind: List[str] = ["127.0.0.1:8026"]  #: bind
pidfile: Optional[str] = None  #: pidfile
timeout: "int"
timeout = 61  #: timeout


def post_worker_init(worker: Worker) -> None:  #: post_worker_init
    worker.log.info("ready: %d", worker.pid)
