"""The heartbeat file of Gunicorn's workers, for code that beats by it. The native heartbeat is in shared memory."""

import os
import tempfile
import time


class WorkerTmp:
    """An unlinked file whose modification time, on the monotonic clock, is the last sign of life."""

    def __init__(self, cfg):
        folder = cfg.worker_tmp_dir
        if folder and not os.path.isdir(folder):
            raise RuntimeError("%s doesn't exist. Can't create workertmp." % folder)
        fd, name = tempfile.mkstemp(prefix="wgunicorn-", dir=folder)
        os.unlink(name)
        self._tmp = open(fd, "w+b", buffering=0)
        # Only the owner may set the times that notify() sets.
        if cfg.uid != os.geteuid() or cfg.gid != os.getegid():
            os.fchown(fd, cfg.uid, cfg.gid)
        self.notify()

    def notify(self):
        now = time.monotonic()
        os.utime(self._tmp.fileno(), (now, now))

    def last_update(self):
        return os.fstat(self._tmp.fileno()).st_mtime

    def fileno(self):
        return self._tmp.fileno()

    def close(self):
        self._tmp.close()
