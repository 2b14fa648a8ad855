"""Which files the code of this process was made from, for `reload`."""

import importlib.machinery
import importlib.util
import os
import re
import sys
import time
import traceback

from gunicorn._checks.failures import library_of

SAME_SECOND = 2 * 10**9  # with what clocks and file systems add to it


def signature(path):
    """(modified, size, inode), as base/file_signature.h has it; () where there is no such file."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return ()
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def file_of(module):
    """The source of a module, else the file it was loaded from; None where there is none."""
    # Not by getattr: lazy modules import things when they are asked.
    names = getattr(module, "__dict__", None)
    path = names.get("__file__") if isinstance(names, dict) else None
    if not isinstance(path, str):
        return None  # built in, or a namespace package
    archive = getattr(names.get("__loader__"), "archive", None)
    if isinstance(archive, str):
        return archive  # zipimport
    if path.endswith(".pyc"):
        try:
            source = importlib.util.source_from_cache(path)
        except ValueError:
            source = path[:-1]
        return source if os.path.exists(source) else path
    return path


def places_of_module(name):
    """Where the module would be, if there were one."""
    parent, _, last = name.rpartition(".")
    folders = getattr(sys.modules.get(parent), "__path__", None)
    parts = [last] if folders is not None else name.split(".")
    for folder in list(folders if folders is not None else sys.path):
        base = os.path.join(folder or os.getcwd(), *parts)
        for suffix in importlib.machinery.all_suffixes():
            yield base + suffix
        yield base  # a namespace package
        yield os.path.join(base, "__init__.py")


def missing_module(error):
    """The module that an ImportError is about; None when it does not say."""
    if isinstance(error, ModuleNotFoundError):
        return error.name
    wanted = re.match(r"cannot import name '(\w+)'", str(error))
    return "%s.%s" % (error.name, wanted[1]) if error.name and wanted else None


def chain(error):
    """An exception and those it came from."""
    seen = {}
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen[id(one)] = one
            waiting += [one.__cause__, one.__context__]
    return seen.values()


def files_that_may_mend(error):
    """{file: signature} of what an edit has to touch so that it is not raised again."""
    found = {}
    for one in chain(error):
        entry = one.__traceback__
        while entry is not None:
            found[entry.tb_frame.f_code.co_filename] = None
            entry = entry.tb_next
        if isinstance(getattr(one, "filename", None), str):
            found[one.filename] = None  # what does not compile, or cannot be opened
        if isinstance(one, ImportError) and missing_module(one):
            found.update(dict.fromkeys(places_of_module(missing_module(one)), ()))
    return {
        path: known
        for path, known in found.items()
        if not path.startswith("<") and (known is None or not os.path.exists(path))
    }


class LoadedFiles:
    """Remembers what was told. It is made once, in the master: what a worker tells came after its fork."""

    def __init__(self):
        self._modules = {}
        self._told = set()
        self._news = {}
        self._note_reads()

    def _note_reads(self):
        """From now on what a source file was like when it was imported is known, also when the import fails.

        What was written just now is imported without bytecode, which knows its source by size and second only.
        """
        original = importlib.machinery.SourceFileLoader.path_stats

        def path_stats(loader, path):
            self._news[path] = known = signature(path)
            if known and time.time_ns() - known[0] < SAME_SECOND:
                raise OSError("no bytecode for %s yet" % path)
            return original(loader, path)

        importlib.machinery.SourceFileLoader.path_stats = path_stats

    def add(self, path):
        """One more file."""
        self._news.setdefault(os.fspath(path), None)

    def failed(self, error):
        """The application could not be loaded. Returns the traceback, as far as it is the application's."""
        for path, known in files_that_may_mend(error).items():
            self._news.setdefault(path, known)
        entry = error.__traceback__
        while entry is not None and library_of(entry.tb_frame.f_code.co_filename) == "":
            entry = entry.tb_next
        return "".join(traceback.format_exception(type(error), error, entry)).rstrip("\n")

    def take(self):
        """[(path as bytes, signature)] of the files since the last call. Instead of a signature None means that nobody knows
        what the file was like, and () that there was none."""
        news, self._news = self._news, {}
        for name, module in list(sys.modules.items()):
            if self._modules.get(name) == id(module):
                continue
            self._modules[name] = id(module)
            path = file_of(module)
            if path is not None and path not in self._told:
                news.setdefault(path, None)
        self._told.update(news)
        return [(os.fsencode(os.path.abspath(path)), known) for path, known in news.items() if "\0" not in path]
