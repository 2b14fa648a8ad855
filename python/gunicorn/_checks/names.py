"""Names of a configuration file that look like settings or hooks and are none.

Only what is certain is told: a name that anything may read (a load, a `global`, a text that is the name, a look into the
namespace that cannot be followed) is never mentioned.
"""

import ast
import warnings

# Looking into the namespace of the file by these may read any name.
READS_ANY_NAME = frozenset(["exec", "eval", "compile", "execfile"])
NAMESPACES = frozenset(["globals", "locals", "vars", "dir"])
REVEALING_ATTRIBUTES = frozenset(
    ["modules", "__dict__", "__globals__", "f_globals", "f_locals", "f_back", "_getframe", "currentframe"]
)
KEY_METHODS = frozenset(["get", "pop", "setdefault", "__getitem__", "__setitem__"])

# Calls whose result has no life of its own: a name that keeps it and is never read is a mistake. Any other call may be made
# for its effect, and the name is there for whatever it gave.
PLAIN_FUNCTIONS = frozenset(["int", "str", "float", "bool", "len", "max", "min", "round", "list", "dict", "tuple", "set"])
PLAIN_METHODS = frozenset(["getenv", "cpu_count", "format", "join"])
PLAIN_NODES = (
    ast.Constant,
    ast.JoinedStr,
    ast.BinOp,
    ast.BoolOp,
    ast.UnaryOp,
    ast.Compare,
    ast.IfExp,
    ast.Lambda,
)
CONTAINERS = (ast.List, ast.Tuple, ast.Dict, ast.Set)

HOOK_PARAMETERS = frozenset(["server", "worker", "req", "resp", "arbiter"])
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def find(source, path, settings, hooks):
    """What the file binds in vain: a list of (kind, name, line, column, end_column, first_line).

    `source` is bytes that compile, `settings` all names that count, `hooks` those of them that are functions. Columns are
    1-based characters, the end is behind the name; `first_line` is 0 but for "twice".

    - "name": a plain value, assigned at top level, in lower case or a setting in another case, that nothing reads
    - "result": the same with a value that may be there for its own sake: what a call gave, a summary of other names, anything
      in a file that is an application too. Only names of several words: `env`, `name` and the like say nothing
    - "hook": an undecorated function with a parameter of a hook that nothing reads
    - "twice": a setting that is bound a second time at top level; `first_line` is the one that is lost
    - "async": a coroutine function where a hook is
    """
    try:
        return find_in(source, path, frozenset(settings), hooks)
    except RecursionError:  # a file of thousands of nested expressions or branches is no place for a slip
        return []


def find_in(source, path, settings, hooks):
    with warnings.catch_warnings():  # whoever compiled the source has shown them
        warnings.simplefilter("ignore")
        tree = ast.parse(source, path)
    readings = Readings(tree, path)
    if readings.is_open:
        return []
    bindings = Bindings(tree)
    place = Places(source)
    return [
        *unknown_names(bindings, readings, settings, place),
        *unbound_hooks(bindings, readings, settings, place),
        *async_hooks(bindings, hooks, place),
        *defined_twice(bindings, readings, settings, place),
    ]


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
        if name in hooks and is_bound_as_it_is and isinstance(node, ast.AsyncFunctionDef):
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
        return not any(isinstance(node, ast.Name) for node in ast.walk(value))
    if isinstance(value, PLAIN_NODES):
        return True
    if isinstance(value, ast.Subscript):
        return is_environment(value.value)
    if not isinstance(value, ast.Call):
        return False
    function = value.func
    if isinstance(function, ast.Name):
        return function.id in PLAIN_FUNCTIONS or function.id in PLAIN_METHODS
    if not isinstance(function, ast.Attribute):
        return False
    return function.attr in PLAIN_METHODS or (function.attr == "get" and is_environment(function.value))


def is_environment(node):
    return (isinstance(node, ast.Attribute) and node.attr == "environ") or (isinstance(node, ast.Name) and node.id == "environ")


class Bindings:
    """What the statements of the file itself bind: not those in functions and classes, nor under `if __name__ == ...`."""

    def __init__(self, tree):
        self.names = {}  # name -> every node that binds it
        self.assignments = {}  # name -> [(target, value)]
        self.functions = {}  # name -> [node]
        self.unconditional = {}  # name -> [(node, statement)] that bind it whatever happens
        self.otherwise = set()  # bound by something that is no assignment: an import, a loop, a class
        self.read_block(tree.body, True)

    def read_block(self, statements, is_certain):
        for statement in statements:
            self.read(statement, is_certain)

    def read(self, statement, is_certain):
        kind = type(statement)
        if kind is ast.Assign:
            for target in statement.targets:
                self.assign(target, statement.value, is_certain and statement)
        elif kind is ast.AnnAssign and statement.value is not None:
            self.assign(statement.target, statement.value, is_certain and statement)
        elif kind is ast.AugAssign:
            self.assign(statement.target, statement.value, None)
        elif kind in FUNCTIONS:
            self.functions.setdefault(statement.name, []).append(statement)
            self.bind(statement.name, statement, is_certain and statement)
        elif kind is ast.ClassDef:
            self.bind_otherwise(statement.name, statement)
        elif kind is ast.Import or kind is ast.ImportFrom:
            for alias in statement.names:
                self.bind_otherwise(alias.asname or alias.name.partition(".")[0], statement)
        elif kind is ast.If and is_about_main(statement.test):
            self.read_block(statement.orelse, False)
        else:
            self.read_compound(statement)

    def read_compound(self, statement):
        targets = [getattr(statement, "target", None)]  # of a loop
        targets += [item.optional_vars for item in getattr(statement, "items", ())]  # of with
        for target in filter(None, targets):
            for node in ast.walk(target):
                if isinstance(node, ast.Name):
                    self.bind_otherwise(node.id, node)
        for field in ("body", "orelse", "finalbody"):
            self.read_block(getattr(statement, field, ()), False)
        for branch in getattr(statement, "handlers", ()):
            self.read_block(branch.body, False)
        for branch in getattr(statement, "cases", ()):
            self.read_block(branch.body, False)

    def assign(self, target, value, certain_statement):
        if isinstance(target, ast.Name):
            self.assignments.setdefault(target.id, []).append((target, value))
            self.bind(target.id, target, certain_statement)
        elif isinstance(target, (ast.Tuple, ast.List)):
            values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else ()
            if len(values) == len(target.elts):
                for one, its_value in zip(target.elts, values):
                    self.assign(one, its_value, certain_statement)
            else:  # the shape of the value decides which names there are
                for node in ast.walk(target):
                    if isinstance(node, ast.Name):
                        self.bind_otherwise(node.id, node)

    def bind(self, name, node, certain_statement=None):
        self.names.setdefault(name, []).append(node)
        if certain_statement:
            self.unconditional.setdefault(name, []).append((node, certain_statement))

    def bind_otherwise(self, name, node):
        self.otherwise.add(name)
        self.bind(name, node)


def is_about_main(test):
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))


class Readings:
    """Every name that anything in the file may read, with the lines."""

    def __init__(self, tree, path):
        self.lines = {}
        self.is_open = False  # something may read names that nobody can tell
        self.own_modules = {"__main__", "__config__", path.rpartition("/")[2].removesuffix(".py")}
        todo = [tree]
        while todo:
            node = todo.pop()
            handle = self.HANDLERS.get(type(node))
            children = handle(self, node) if handle else None
            if children is None:
                children = ast.iter_child_nodes(node)
            todo.extend(children)

    # A handler answers which parts of its node are still to be read; None is all of them.

    def name(self, node):
        if node.id in READS_ANY_NAME or node.id in NAMESPACES:
            self.is_open = True
        elif not isinstance(node.ctx, ast.Store):
            self.lines.setdefault(node.id, []).append(node.lineno)
        return ()

    def constant(self, node):
        if isinstance(node.value, str):  # "name", "package.module.name", "module:name"
            word = node.value.rpartition(".")[2].rpartition(":")[2]
            if word.isidentifier():
                self.lines.setdefault(word, []).append(node.lineno)
        return ()

    def global_(self, node):
        for name in node.names:
            self.lines.setdefault(name, []).append(node.lineno)

    def attribute(self, node):
        self.is_open |= node.attr in REVEALING_ATTRIBUTES

    def subscript(self, node):
        if not is_namespace(node.value):
            return None
        self.is_open |= isinstance(node.ctx, ast.Load) and not isinstance(node.slice, ast.Constant)
        return (node.slice,)

    def compare(self, node):
        if not any(map(is_namespace, node.comparators)):
            return None
        self.is_open |= not isinstance(node.left, ast.Constant) or len(node.comparators) > 1
        return (node.left,)

    def call(self, node):
        function = node.func
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        called = getattr(function, "id", None) or getattr(function, "attr", None)
        if called in ("import_module", "__import__"):
            module = node.args[0] if node.args else None
            self.is_open |= not isinstance(module, ast.Constant) or self.is_own_module(str(module.value))
        if isinstance(function, ast.Name) and function.id in NAMESPACES and values:
            return values  # of an object, not of the file
        if isinstance(function, ast.Attribute) and is_namespace(function.value):
            is_known_key = function.attr in KEY_METHODS and node.args and isinstance(node.args[0], ast.Constant)
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
        ast.Name: name,
        ast.Constant: constant,
        ast.Global: global_,
        ast.Attribute: attribute,
        ast.Subscript: subscript,
        ast.Compare: compare,
        ast.Call: call,
        ast.Import: import_,
        ast.ImportFrom: import_from,
    }


def is_namespace(node):
    """globals() and the like: the names of the file."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMESPACES and not node.args


class Places:
    """(line, column, end column) of a name."""

    def __init__(self, source):
        self.source = source

    def __call__(self, node, name):
        line = self.source.splitlines()[node.lineno - 1]  # bytes, as positions of syntax trees are
        start = node.col_offset
        if isinstance(node, FUNCTIONS):
            start = max(start, line.find(name.encode(), line.find(b"def", start) + 3))
        column = len(line[:start].decode("utf-8", "replace")) + 1
        return node.lineno, column, column + len(name)
