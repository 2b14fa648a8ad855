# case: hooks start threads and keep what they need on the worker
import threading


class Watchdog(threading.Thread):
    def __init__(self, worker):
        super().__init__(daemon=True)
        self.worker = worker
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.wait(60):
            self.worker.log.debug("alive: %s", self.worker.pid)


def post_worker_init(worker):  #: post_worker_init
    worker.watchdog = Watchdog(worker)
    worker.watchdog.start()


def worker_exit(server, worker):  #: worker_exit
    watchdog = getattr(worker, "watchdog", None)
    if watchdog is not None:
        watchdog.stopped.set()


workers = 2  #: workers
