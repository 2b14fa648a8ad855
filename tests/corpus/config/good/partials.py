# case: hooks that are partial objects and bound methods of an object
# by_library: partial objects have no __qualname__, which Gunicorn's print needs
import functools


def announce(text, server):
    server.log.info(text)


class Tracker:
    def __init__(self):
        self.pids = set()

    def born(self, server, worker):
        self.pids.add(worker.pid)

    def gone(self, server, worker):
        self.pids.discard(worker.pid)


tracker = Tracker()
on_starting = functools.partial(announce, "starting")  #: on_starting
on_exit = functools.partial(announce, "done")  #: on_exit
post_fork = tracker.born  #: post_fork
child_exit = tracker.gone  #: child_exit
