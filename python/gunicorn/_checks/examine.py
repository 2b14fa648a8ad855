"""Everything that is told of a configuration file without running it: one reading of its source for all of it."""

from gunicorn._checks import attributes, names
from gunicorn._checks.bindings import Bindings
from gunicorn._checks.hooks import bound_functions
from gunicorn._checks.outside import runs_other_code
from gunicorn._checks.own_attributes import OwnAttributes
from gunicorn._checks.places import Lines
from gunicorn._checks.readings import Readings
from gunicorn._checks.spans import spans
from gunicorn._checks.trees import parse


def examine(source, path, settings, hooks, is_alone=True, others=()):
    """(findings, spans) of a file. Called by the native core.

    `source` is bytes that compile, `settings` the names of all settings, `hooks` [(name, names of its parameters)] of those
    that are hooks. `is_alone` is False when other files belong to the same configuration; `others` are their sources, as far as
    the caller knows them, bytes that need not compile. A finding is one of names.find or of attributes.find, a span one of
    spans.spans.
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
        own = OwnAttributes(tree)
        is_alone = is_alone and not others and not runs_other_code(tree, bindings, hooks, readings.own_modules)
        for other in others:
            own.add(attributes_of(other))
        return found + attributes.find(tree, bindings, functions, own, is_alone, settings, lines), bound
    except RecursionError:
        return [], bound


def attributes_of(source):
    try:
        return OwnAttributes(parse(source, "another file"))
    except (SyntaxError, ValueError):
        return OwnAttributes()
