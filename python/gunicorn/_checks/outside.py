"""Whether code that is not in the file may reach the objects that its hooks get, and so give them more attributes."""

import _ast
import builtins
import sys

from gunicorn._checks.trees import text_of, walk

# sys.stdlib_module_names is of Python 3.10; before, the modules that configuration files use.
STANDARD = getattr(sys, "stdlib_module_names", None) or frozenset(
    """__future__ atexit collections contextlib datetime functools glob gzip io itertools json logging math multiprocessing os
    pathlib platform random re shutil signal socket ssl string subprocess sys tempfile threading time traceback typing uuid
    warnings""".split()
)
LOADERS = frozenset(["importlib", "imp", "runpy", "zipimport", "gc"])  # of the standard library; lead to any code or object
RUNS_OTHER_CODE = frozenset(["exec", "eval", "compile", "__import__", "import_module", "include"])
LOGGING_METHODS = frozenset(["debug", "info", "warning", "error", "critical", "exception", "log"])
BUILTINS = frozenset(dir(builtins)) - RUNS_OTHER_CODE
# Attributes of the objects that lead to others of them.
LEADS_TO_OBJECTS = frozenset(["WORKERS", "cfg", "log", "req"])


def runs_other_code(tree, bindings, hooks, own_modules):
    """Whether the file imports a module of somebody else, includes a file or names a hook by its dotted name."""
    for node in walk(tree):
        kind = type(node)
        if kind is _ast.Import:
            if not all(is_harmless(alias.name) for alias in node.names):
                return True
        elif kind is _ast.ImportFrom:
            if node.level or not is_harmless(node.module) or any(alias.name == "*" for alias in node.names):
                return True
        elif kind is _ast.Name and node.id in RUNS_OTHER_CODE:
            return True
    values = (value for hook in hooks for _, value in bindings.assignments.get(hook, ()))
    return any(text_of(one) and text_of(one).rpartition(".")[0] not in own_modules for one in values)


def is_harmless(module):
    root = module.partition(".")[0]
    return root == "gunicorn" or (root in STANDARD and root not in LOADERS)


def escapes(tree, objects, is_own_function):
    """Whether anything in the file hands one of the objects, which are given by the names of variables, to code elsewhere.

    The objects stay here where only their attributes are used, where they are compared or formatted, and as arguments of
    builtins, of methods of loggers and of what is_own_function(node of the callee).
    """
    kept = set()  # ids of the nodes that stay
    for node in walk(tree):  # parents first
        kind = type(node)
        if kind is _ast.Attribute:
            kept.add(id(node.value))
        elif kind is _ast.Call:
            values = list(map(value_of_argument, node.args + node.keywords))
            if is_safe_callee(node.func, is_own_function):
                kept.update(map(id, values))
            elif any(leads_to_objects(one, objects) for one in values):
                return True
        elif kind is _ast.Compare:
            kept.update(map(id, [node.left, *node.comparators]))
        elif kind is _ast.FormattedValue:
            kept.add(id(node.value))
        elif kind is _ast.BinOp and text_of(node.left):  # "%s" % worker
            kept.update(map(id, [node.right, *getattr(node.right, "elts", ())]))
        elif kind is _ast.Assign and len(node.targets) == 1 and getattr(node.targets[0], "id", None) in objects:
            kept.add(id(node.value))
        elif kind is _ast.Name and node.id in objects and type(node.ctx) is _ast.Load and id(node) not in kept:
            return True
    return False


def value_of_argument(argument):
    return argument.value if type(argument) in (_ast.keyword, _ast.Starred) else argument


def is_safe_callee(called, is_own_function):
    if type(called) is _ast.Attribute:
        return called.attr in LOGGING_METHODS
    return is_own_function(called)


def leads_to_objects(node, objects):
    """worker.log, server.WORKERS.values()"""
    is_leading = False
    while type(node) in (_ast.Attribute, _ast.Call, _ast.Subscript):
        if type(node) is _ast.Attribute:
            is_leading = is_leading or node.attr in LEADS_TO_OBJECTS
        node = node.func if type(node) is _ast.Call else node.value
    return is_leading and type(node) is _ast.Name and node.id in objects
