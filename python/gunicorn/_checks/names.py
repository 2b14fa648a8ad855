"""Names of a configuration file that look like settings or hooks and are none.

Only what is certain is told: a name that anything may read (a load, a `global`, a text that is the name, a look into the
namespace that cannot be followed) is never mentioned.
"""

import _ast

from gunicorn._checks.trees import walk

# Calls whose result has no life of its own: a name that keeps it and is never read is a mistake. Any other call may be made
# for its effect, and the name is there for whatever it gave.
PLAIN_FUNCTIONS = frozenset(["int", "str", "float", "bool", "len", "max", "min", "round", "list", "dict", "tuple", "set"])
PLAIN_METHODS = frozenset(["getenv", "cpu_count", "format", "join"])
PLAIN_NODES = (
    _ast.Constant,
    _ast.JoinedStr,
    _ast.BinOp,
    _ast.BoolOp,
    _ast.UnaryOp,
    _ast.Compare,
    _ast.IfExp,
    _ast.Lambda,
)
CONTAINERS = (_ast.List, _ast.Tuple, _ast.Dict, _ast.Set)

HOOK_PARAMETERS = frozenset(["server", "worker", "req", "resp", "arbiter"])


def find(bindings, readings, settings, hooks, lines):
    """What the file binds in vain: (kind, name, line, column, end column, first line) each.

    `settings` are all names that count, `hooks` those of them that are functions. The end is behind the name; `first line` is 0
    but for "twice".

    - "name": a plain value, assigned at top level, in lower case or a setting in another case, that nothing reads
    - "result": the same with a value that may be there for its own sake: what a call gave, a summary of other names, anything
      in a file that is an application too. Only names of several words: `env`, `name` and the like say nothing
    - "hook": an undecorated function with a parameter of a hook that nothing reads
    - "twice": a setting that is bound a second time at top level; `first line` is that of the one that is lost
    - "async": a coroutine function where a hook is
    """
    if readings.is_open:
        return
    yield from unknown_names(bindings, readings, settings, lines.of_name)
    yield from unbound_hooks(bindings, readings, settings, lines.of_name)
    yield from async_hooks(bindings, hooks, lines.of_name)
    yield from defined_twice(bindings, readings, settings, lines.of_name)


def unknown_names(bindings, readings, settings, place):
    is_application = any(name in bindings.assignments or name in bindings.functions for name in ("app", "application"))
    for name, assignments in bindings.assignments.items():
        if name in settings or name in readings.lines or name in bindings.otherwise or name.startswith("_"):
            continue
        if name != name.lower() and (name.lower() not in settings or name.lower() in bindings.names):
            continue
        target = assignments[0][0]
        if not is_application and all(is_plain_value(value) for _, value in assignments):
            yield ("name", name, *place(target, name), 0)
        elif "_" in name:
            yield ("result", name, *place(target, name), 0)


def unbound_hooks(bindings, readings, settings, place):
    for name, functions in bindings.functions.items():
        node = functions[0]
        if name in settings or name in readings.lines or name.startswith("_") or len(bindings.names[name]) > 1:
            continue
        parameters = {argument.arg for argument in node.args.posonlyargs + node.args.args}
        if not node.decorator_list and parameters & HOOK_PARAMETERS:
            yield ("hook", name, *place(node, name), 0)


def async_hooks(bindings, hooks, place):
    for name, functions in bindings.functions.items():
        node = functions[0]
        is_bound_as_it_is = len(bindings.names[name]) == 1 and not node.decorator_list
        if name in hooks and is_bound_as_it_is and isinstance(node, _ast.AsyncFunctionDef):
            yield ("async", name, *place(node, name), 0)


def defined_twice(bindings, readings, settings, place):
    for name, bound in bindings.unconditional.items():
        if name not in settings or len(bound) != len(bindings.names[name]):
            continue
        for (first, _), (second, statement) in zip(bound, bound[1:]):
            is_used = any(line <= statement.end_lineno for line in readings.lines.get(name, ()))
            is_decorated = any(getattr(node, "decorator_list", None) for node in (first, second))
            if not is_used and not is_decorated:
                yield ("twice", name, *place(second, name), first.lineno)


def is_plain_value(value):
    if isinstance(value, CONTAINERS):
        return not any(isinstance(node, _ast.Name) for node in walk(value))
    if isinstance(value, PLAIN_NODES):
        return True
    if isinstance(value, _ast.Subscript):
        return is_environment(value.value)
    if not isinstance(value, _ast.Call):
        return False
    function = value.func
    if isinstance(function, _ast.Name):
        return function.id in PLAIN_FUNCTIONS or function.id in PLAIN_METHODS
    if not isinstance(function, _ast.Attribute):
        return False
    return function.attr in PLAIN_METHODS or (function.attr == "get" and is_environment(function.value))


def is_environment(node):
    return (isinstance(node, _ast.Attribute) and node.attr == "environ") or (isinstance(node, _ast.Name) and node.id == "environ")
