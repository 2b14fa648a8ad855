"""Watching files for `reload`. A worker does that natively; what is here stands for it, and works on its own as well."""

import glob
import os
import sys
import threading
import time

from gunicorn import _loaded_files


def matches(name):
    return glob.glob(name, recursive=True) if glob.has_magic(name) else [name]


class Reloader(threading.Thread):
    """Calls `callback` with the name of each file that changes: those of the loaded modules, and `extra_files`, which may be
    patterns."""

    def __init__(self, extra_files=None, interval=1, callback=None):
        super().__init__(daemon=True)
        self._extra_files = set(extra_files or ())
        self._interval = interval
        self._callback = callback

    def add_extra_file(self, filename):
        self._extra_files.add(filename)

    def get_files(self):
        files = set(filter(None, map(_loaded_files.file_of, list(sys.modules.values()))))
        for name in list(self._extra_files):
            files.update(matches(name))
        return sorted(map(os.path.abspath, files))

    def run(self):
        known = {}
        while True:
            for path in self.get_files():
                now = _loaded_files.signature(path)
                if now and known.setdefault(path, now) != now:
                    known[path] = now
                    if self._callback is not None:
                        self._callback(path)
            time.sleep(self._interval)


class InotifyReloader(Reloader):
    """The same. Only the server itself asks the kernel."""


class WorkerReloader(Reloader):
    """`worker.reloader`: what the server watches in this worker."""

    def __init__(self, files, extra_files):
        super().__init__(extra_files)
        self._files = files

    def add_extra_file(self, filename):
        super().add_extra_file(filename)
        for path in matches(filename):
            self._files.add(path)

    def start(self):
        """The server does it."""


preferred_reloader = InotifyReloader
reloader_engines = {"auto": preferred_reloader, "inotify": InotifyReloader, "poll": Reloader}
