"""How long imports take, each without those inside of it: what `python -X importtime` shows, for a scope."""

from _thread import get_ident
from importlib import _bootstrap
from time import perf_counter


class ImportTimer:
    """A context in which imports are timed, in every thread. Nothing that a program looks at differs: the import system calls
    our function where it would call its own, and the frame of ours passes for one of the import system, so that tracebacks and
    the levels of warnings stay as they are.
    """

    def __init__(self):
        self.seconds = {}  # name of a module -> own seconds

    def __enter__(self):
        self.original = _bootstrap._find_and_load
        self.timed = timed(self.original, self.seconds)
        _bootstrap._find_and_load = self.timed
        return self

    def __exit__(self, *failure):
        if _bootstrap._find_and_load is self.timed:
            _bootstrap._find_and_load = self.original

    def slowest(self, count=5):
        """[(name, seconds)], the slowest first."""
        others = [(name, seconds) for name, seconds in self.seconds.items() if name.partition(".")[0] != "gunicorn"]
        return sorted(others, key=lambda one: -one[1])[:count]


def timed(original, seconds):
    running = {}  # thread -> for each import that runs in it, the seconds of those inside

    def _find_and_load(name, import_):
        inside = running.setdefault(get_ident(), [])
        inside.append(0.0)
        begin = perf_counter()
        try:
            return original(name, import_)
        finally:
            whole = perf_counter() - begin
            seconds[name] = seconds.get(name, 0.0) + whole - inside.pop()
            if inside:
                inside[-1] += whole

    _find_and_load.__code__ = _find_and_load.__code__.replace(co_filename=original.__code__.co_filename)
    return _find_and_load
