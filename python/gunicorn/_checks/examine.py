"""Everything that is told of a configuration file without running it: one reading of its source for all of it."""

from gunicorn._checks import attributes, names
from gunicorn._checks.bindings import Bindings
from gunicorn._checks.hooks import bound_functions
from gunicorn._checks.places import Lines
from gunicorn._checks.readings import Readings
from gunicorn._checks.spans import spans
from gunicorn._checks.trees import parse


def examine(source, path, settings, hooks):
    """(findings, spans) of a file. Called by the native core.

    `source` is bytes that compile, `settings` the names of all settings, `hooks` [(name, names of its parameters)] of those
    that are hooks. A finding is one of names.find or of attributes.find, a span one of spans.spans.
    """
    try:
        tree = parse(source, path)
        lines = Lines(source)
        settings = frozenset(settings)
        hooks = dict(hooks)
        bound = spans(tree, lines, settings)
    except RecursionError:  # a file of thousands of nested expressions or branches is no place for a slip
        return [], []
    try:
        bindings = Bindings(tree)
        readings = Readings(tree, path)
        found = list(names.find(bindings, readings, settings, hooks, lines))
        functions = bound_functions(bindings, hooks, readings.own_modules)
        return found + attributes.find(tree, bindings, functions, settings, lines), bound
    except RecursionError:
        return [], bound
