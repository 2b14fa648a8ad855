"""The `worker` object of hooks, and the life of a worker as Python code sees it."""

import functools
import os
import signal
import sys
import threading
import time

from gunicorn import _core, debug, util
from gunicorn.workers.workertmp import WorkerTmp


class Worker:
    """One worker process. It is made in the master, before the fork; requests are served by the native engine."""

    SIGNALS = [
        getattr(signal, "SIG" + name) for name in ("ABRT", "HUP", "QUIT", "INT", "TERM", "USR1", "USR2", "WINCH", "CHLD")
    ]

    def __init__(self, age, ppid, sockets, app, timeout, cfg, log):
        self.age = age
        self.pid = "[booting]"
        self.ppid = ppid
        self.sockets = sockets
        self.app = app
        self.timeout = timeout
        self.cfg = cfg
        self.log = log
        self.booted = False  # in the worker: True once it serves
        self.aborted = False  # in the master: True once it was ended because it was silent for too long
        self.reloader = None
        self.wsgi = None
        self.max_requests = cfg.max_requests or sys.maxsize

    def __str__(self):
        return "<Worker %s>" % self.pid

    @property
    def alive(self):
        """True until this worker is to stop. Assigning False stops it gracefully."""
        return _core.worker_is_alive() if _core.is_worker() else True

    @alive.setter
    def alive(self, value):
        if not value and _core.is_worker():
            _core.worker_stop()

    @property
    def nr(self):
        """Requests served so far."""
        return _core.worker_requests() if _core.is_worker() else 0

    @functools.cached_property
    def tmp(self):
        """A heartbeat file, made when it is first looked at."""
        return WorkerTmp(self.cfg)

    def notify(self):
        """The heartbeat. The native engine gives it by itself; long-running hooks may call it."""
        if "tmp" in vars(self):
            self.tmp.notify()
        _core.worker_notify()

    def load_wsgi(self):
        """Loads the application. What it raises ends the worker."""
        self.wsgi = self.app.wsgi()

    def init_signals(self):
        # Each in one step: the default action, even for a moment, would end a worker that is told to finish.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGQUIT, self.handle_quit)
        signal.signal(signal.SIGTERM, self.handle_exit)
        signal.signal(signal.SIGINT, self.handle_quit)
        signal.signal(signal.SIGWINCH, self.handle_winch)
        signal.signal(signal.SIGUSR1, self.handle_usr1)
        signal.signal(signal.SIGABRT, self.handle_abort)
        # Sent to a worker by mistake, these two must not kill it. Ignoring them would be inherited by its subprocesses.
        signal.signal(signal.SIGHUP, self.handle_nothing)
        signal.signal(signal.SIGUSR2, self.handle_nothing)
        # System calls of the application go on where a signal interrupted them.
        signal.siginterrupt(signal.SIGTERM, False)
        signal.siginterrupt(signal.SIGUSR1, False)

    def handle_usr1(self, sig, frame):
        self.log.reopen_files()
        _core.reopen_logs()

    def handle_exit(self, sig, frame):
        self.alive = False

    def handle_quit(self, sig, frame):
        self.alive = False
        self.cfg.worker_int(self)
        time.sleep(0.1)
        sys.exit(0)

    def handle_abort(self, sig, frame):
        self.alive = False
        self.cfg.worker_abort(self)
        sys.exit(1)

    def handle_nothing(self, sig, frame):
        """For signals that only the master understands."""

    def handle_winch(self, sig, frame):
        self.log.debug("worker: SIGWINCH ignored.")

    # What the native core calls.

    def _enter(self, wakeup_fd):
        """First steps in the new process, before the application is loaded."""
        upgraded = ".2" if _core.other_masters()[1] else ""  # as Arbiter.proc_name
        util._setproctitle("worker [%s%s]" % (self.cfg.proc_name, upgraded))
        # `random` seeds itself in a fork; this is for hooks that have seeded it since.
        if "random" in sys.modules:
            sys.modules["random"].seed()
        self.init_signals()
        signal.set_wakeup_fd(wakeup_fd, warn_on_full_buffer=False)
        os.register_at_fork(after_in_child=self._after_application_fork)
        if self.cfg.spew:
            debug.spew()

    def _after_application_fork(self):
        """A process that the application forks holds our sockets, but is no worker: it must not serve on, and TERM ends it."""
        _core.on_application_fork()
        signal.set_wakeup_fd(-1)
        for signum in self.SIGNALS:
            if getattr(signal.getsignal(signum), "__self__", None) is self:
                signal.signal(signum, signal.SIG_DFL)

    def _start_thread(self, queue):
        """A pool thread that serves requests until the queue is closed."""
        # Not a daemon: the end of Python waits for it. A worker that cannot wait leaves without ending Python.
        threading.Thread(target=_core.serve_requests, args=(queue,), name="gunicorn-pool").start()
