"""Tracing of executed lines: what the setting `spew` turns on."""

import linecache
import re
import sys
import threading

__all__ = ["spew", "unspew"]

_NAME = re.compile(r"[^\W\d]\w*")
_DATA = (bool, int, float, complex, str, bytes, type(None))


class Spew:
    """A trace function that writes each line to standard error before it runs: file, number, module, text."""

    def __init__(self, trace_names=None, show_values=True):
        """`trace_names`: the modules to look at, None for all. `show_values`: of the data that the line names, too."""
        self.trace_names = trace_names
        self.show_values = show_values

    def __call__(self, frame, event, arg):
        if event == "line":
            module = frame.f_globals.get("__name__", "")
            if self.trace_names is None or module in self.trace_names:
                self._tell(frame, module)
        return self

    def _tell(self, frame, module):
        file, number = frame.f_code.co_filename, frame.f_lineno
        line = linecache.getline(file, number).rstrip()
        text = "%s:%d: %s: %s\n" % (file, number, module, line)
        if self.show_values:
            names = {**frame.f_globals, **frame.f_locals}
            used = [name for name in dict.fromkeys(_NAME.findall(line)) if isinstance(names.get(name, ...), _DATA)]
            text += "".join("    %s=%.200r\n" % (name, names[name]) for name in used)
        if sys.stderr is not None:
            sys.stderr.write(text)


def spew(trace_names=None, show_values=False):
    """From now on every line of this thread, and of those that begin later, is written to standard error."""
    tracer = Spew(trace_names, show_values)
    threading.settrace(tracer)
    sys.settrace(tracer)


def unspew():
    """Ends spew()."""
    threading.settrace(None)
    sys.settrace(None)
