"""What a configuration file may read, by its syntax tree."""

import _ast

from gunicorn._checks.own_names import SCOPES, hidden_inside, parts
from gunicorn._checks.trees import children

# Looking into the namespace of the file by these may read any name.
READS_ANY_NAME = frozenset(["exec", "eval", "compile", "execfile"])
NAMESPACES = frozenset(["globals", "locals", "vars", "dir"])
REVEALING_ATTRIBUTES = frozenset(
    ["modules", "__dict__", "__globals__", "f_globals", "f_locals", "f_back", "_getframe", "currentframe"]
)
KEY_METHODS = frozenset(["get", "pop", "setdefault", "__getitem__", "__setitem__"])


class Readings:
    """Every name of the file itself that anything in it may read, with the lines: not what only has the same name, as a
    parameter or a local of a function.
    """

    def __init__(self, tree, path):
        self.lines = {}
        self.is_open = False  # something may read names that nobody can tell
        self.own_modules = {"__main__", "__config__", path.rpartition("/")[2].removesuffix(".py")}
        self.hidden = frozenset()  # names that mean another thing where this reads
        todo = [([tree], self.hidden)]
        while todo:
            nodes, self.hidden = todo.pop()
            todo += self.read(list(nodes))

    def read(self, todo):
        """Reads nodes that are in one scope; answers [(nodes, names that are hidden there)] of the scopes below."""
        below = []
        while todo:
            node = todo.pop()
            kind = type(node)
            if kind in SCOPES:
                around, inner = parts(node)
                todo += around
                below.append((inner, hidden_inside(node, inner, self.hidden)))
                continue
            handle = self.HANDLERS.get(kind)
            unread = handle(self, node) if handle else None
            todo += children(node) if unread is None else unread
        return below

    # A handler answers which parts of its node are still to be read; None is all of them.

    def name(self, node):
        if node.id in self.hidden:
            return ()
        if node.id in READS_ANY_NAME or node.id in NAMESPACES:
            self.is_open = True
        elif not isinstance(node.ctx, _ast.Store):
            self.lines.setdefault(node.id, []).append(node.lineno)
        return ()

    def constant(self, node):
        if isinstance(node.value, str):  # "name", "package.module.name", "module:name"
            words = node.value.replace(":", ".").split(".")
            if all(map(str.isidentifier, words)):
                self.lines.setdefault(words[-1], []).append(node.lineno)
        return ()

    def global_(self, node):
        for name in node.names:
            self.lines.setdefault(name, []).append(node.lineno)

    def attribute(self, node):
        self.is_open |= node.attr in REVEALING_ATTRIBUTES

    def subscript(self, node):
        if not is_namespace(node.value):
            return None
        self.is_open |= isinstance(node.ctx, _ast.Load) and not isinstance(node.slice, _ast.Constant)
        return (node.slice,)

    def compare(self, node):
        if not any(map(is_namespace, node.comparators)):
            return None
        self.is_open |= not isinstance(node.left, _ast.Constant) or len(node.comparators) > 1
        return (node.left,)

    def call(self, node):
        function = node.func
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        called = getattr(function, "id", None) or getattr(function, "attr", None)
        if called in ("import_module", "__import__"):
            module = node.args[0] if node.args else None
            self.is_open |= not isinstance(module, _ast.Constant) or self.is_own_module(str(module.value))
        if isinstance(function, _ast.Name) and function.id in NAMESPACES and values:
            return values  # of an object, not of the file
        if isinstance(function, _ast.Attribute) and is_namespace(function.value):
            is_known_key = function.attr in KEY_METHODS and node.args and isinstance(node.args[0], _ast.Constant)
            self.is_open |= function.attr != "update" and not is_known_key
            return values
        return None

    def import_(self, node):
        self.is_open |= any(self.is_own_module(alias.name) for alias in node.names)
        return ()

    def import_from(self, node):
        self.is_open |= self.is_own_module(node.module or "")
        self.is_open |= any(alias.name == "*" or self.is_own_module(alias.name) for alias in node.names)
        return ()

    def is_own_module(self, dotted):
        return dotted.rpartition(".")[2] in self.own_modules

    HANDLERS = {
        _ast.Name: name,
        _ast.Constant: constant,
        _ast.Global: global_,
        _ast.Attribute: attribute,
        _ast.Subscript: subscript,
        _ast.Compare: compare,
        _ast.Call: call,
        _ast.Import: import_,
        _ast.ImportFrom: import_from,
    }


def is_namespace(node):
    """globals() and the like: the names of the file."""
    return isinstance(node, _ast.Call) and isinstance(node.func, _ast.Name) and node.func.id in NAMESPACES and not node.args
