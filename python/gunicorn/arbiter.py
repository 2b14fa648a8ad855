"""The `server` object of hooks."""

import os
import signal

from gunicorn import _core, util


class Listener:
    """One listening socket of the master."""

    def __init__(self, fd, text):
        self._fd = fd
        self._text = text

    def fileno(self):
        return self._fd

    def __str__(self):
        return self._text


class Arbiter:
    """The master. Its numbers and tables are those of the native process; anything else may be set on it freely."""

    # What the master listens to, and how the log calls each.
    SIGNALS = [getattr(signal, "SIG" + name) for name in "HUP QUIT INT TERM TTIN TTOU USR1 USR2 WINCH".split()]
    SIG_NAMES = {signum: signum.name[3:].lower() for signum in signal.Signals if not signum.name.startswith("SIGRT")}

    WORKER_BOOT_ERROR = 3
    APP_LOAD_ERROR = 4

    def __init__(self, app, cfg=None, log=None):
        self.app = app
        self.cfg = cfg if cfg is not None else app.cfg
        self.log = log
        self.pid = os.getpid()
        self.pidfile = None
        self.systemd = False

    @property
    def WORKERS(self):
        """{pid: worker} of the workers that run now."""
        return _core.master_workers()

    @property
    def LISTENERS(self):
        return [Listener(fd, text) for fd, text in _core.master_listeners()]

    @property
    def reexec_pid(self):
        """The new master while an upgrade (USR2) is under way, else 0."""
        return _core.other_masters()[0]

    @property
    def master_pid(self):
        """The old master that executed this one for an upgrade, until it ends; else 0."""
        return _core.other_masters()[1]

    @property
    def num_workers(self):
        return _core.worker_count()

    @num_workers.setter
    def num_workers(self, value):
        _core.set_worker_count(value)

    @property
    def master_name(self):
        """"Master.2" as long as the master that this one was upgraded from lives."""
        return "Master.2" if self.master_pid else "Master"

    @property
    def worker_class(self):
        return self.cfg.worker_class

    @property
    def address(self):
        return self.cfg.bind

    @property
    def timeout(self):
        return self.cfg.timeout

    @property
    def proc_name(self):
        return self.cfg.proc_name + (".2" if self.master_pid else "")

    @property
    def worker_age(self):
        return max((worker.age for worker in self.WORKERS.values()), default=0)

    def kill_worker(self, pid, sig):
        """Sends a signal to one worker."""
        _core.signal_worker(pid, sig)

    def kill_workers(self, sig):
        for pid in list(self.WORKERS):
            self.kill_worker(pid, sig)

    def signal(self, sig, frame=None):
        """Handles a signal as if this process had received it."""
        _core.post_signal(signal.Signals(sig).value)

    # What the native core calls.

    def _enter(self, cfg, log):
        """The configuration that is in force from now on."""
        self.cfg = cfg
        self.log = log
        self._retitle()

    def _retitle(self):
        util._setproctitle("master [%s]" % self.proc_name)


def from_native(app, cfg, log):
    """The server object of this process. Called by the native core."""
    util._setproctitle("master [%s]" % cfg.proc_name)
    return Arbiter(app, cfg, log)
