"""Where in a file names are bound, and where the values stand that they get."""

import _ast

from gunicorn._checks.places import find_word
from gunicorn._checks.trees import COMPREHENSIONS, FUNCTIONS, bound_by, children, is_call_of, text_of, walk

BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
SCOPES = FUNCTIONS + (_ast.ClassDef, _ast.Lambda)
CAPTURES = tuple(getattr(_ast, name) for name in ("MatchAs", "MatchStar") if hasattr(_ast, name))  # Python 3.10
NO_PLACE = (0, 0, 0)


def spans(tree, lines, names):
    """[(name, first line, last line, name line, column, end column, value line, column, end column)] in the order of the file.

    Every binding of one of `names` in the module: assignments of all kinds, functions, classes, imports, targets of loops and
    `with`, captures, `global` names in functions, and what is written through globals() and sys.modules[__name__]. The first and
    last line are those of the statement, without the blocks below it: what a line trace sees when the name is bound. The three
    of the value are 0 where there is no expression; of a longer one the end is that of its first line. A star import is there
    with the name "*".
    """
    search = Search(lines, names)
    search.read(tree)
    return sorted(search.found, key=lambda span: span[3:5])


class Search:
    def __init__(self, lines, names):
        self.lines = lines
        self.names = frozenset(names)
        self.found = []
        self.values = {}  # id of a target -> the expression
        self.only_annotated = set()  # ids of targets that get none

    def read(self, tree):
        todo = [(tree, (1, 1), self.names)]  # node, lines of its statement, which names are the module's there
        while todo:
            node, statement, names = todo.pop()
            kind = type(node)
            if isinstance(node, (_ast.stmt, _ast.ExceptHandler)) or "guard" in node._fields:
                statement = header_of(node)
                self.note_values(node)
            elif kind in (_ast.NamedExpr, _ast.withitem):
                self.note_values(node)
            for name, place, value in self.bindings_of(node, names):
                self.found.append((name, *statement, *place, *(self.lines.of_value(value) if value else NO_PLACE)))
            if kind in SCOPES:
                names = self.names & global_names(node)
            for child in children(node):
                if kind is _ast.comprehension and child is node.target:
                    continue  # a name of its own
                todo.append((child, statement, names))

    def note_values(self, node):
        kind = type(node)
        if kind is _ast.Assign:
            for target in node.targets:
                self.pair(target, node.value)
        elif kind is _ast.AnnAssign and node.value is None:
            self.only_annotated.add(id(node.target))
        elif kind in (_ast.AnnAssign, _ast.AugAssign, _ast.NamedExpr):
            self.pair(node.target, node.value)
        elif kind in (_ast.For, _ast.AsyncFor):
            self.pair(node.target, node.iter)
        elif kind is _ast.withitem and node.optional_vars is not None:
            self.pair(node.optional_vars, node.context_expr)

    def pair(self, target, value):
        if type(target) is _ast.Starred:
            target = target.value
        if not isinstance(target, (_ast.Tuple, _ast.List)):
            self.values[id(target)] = value
            return
        parts = value.elts if isinstance(value, (_ast.Tuple, _ast.List)) else ()
        starred = any(type(one) is _ast.Starred for one in [*target.elts, *parts])
        matching = parts if len(parts) == len(target.elts) and not starred else [value] * len(target.elts)
        for one, its_value in zip(target.elts, matching):
            self.pair(one, its_value)

    def bindings_of(self, node, names):
        """(name, place, value node or None) of what this one node binds in the module."""
        kind = type(node)
        if kind is _ast.Name:
            is_bound = node.id in names and type(node.ctx) is _ast.Store
            if is_bound and id(node) not in self.only_annotated:
                yield node.id, self.lines.of_name(node, node.id), self.values.get(id(node))
        elif kind in FUNCTIONS or kind is _ast.ClassDef:
            if node.name in names:
                yield node.name, self.lines.of_name(node, node.name), None
        elif kind is _ast.Import or kind is _ast.ImportFrom:
            for alias in node.names:
                name = bound_by(alias)
                if name in names or name == "*":
                    yield name, self.place_of_alias(alias, name, node), None
        elif kind is _ast.Call:
            yield from self.written_by_call(node)
        elif kind is _ast.Subscript and type(node.ctx) is _ast.Store and is_namespace(node.value):
            yield from self.written(node.slice, self.values.get(id(node)))
        elif kind is _ast.Attribute and type(node.ctx) is _ast.Store and is_own_module(node.value) and node.attr in self.names:
            line, _, end = self.lines.of_attribute(node)
            yield node.attr, (line, end - len(node.attr), end), self.values.get(id(node))
        elif kind in CAPTURES and node.name in names:
            end = self.lines.column(node.end_lineno, node.end_col_offset)
            yield node.name, (node.end_lineno, end - len(node.name), end), None

    def place_of_alias(self, alias, name, statement):
        if hasattr(alias, "lineno"):
            if alias.asname:
                end = self.lines.column(alias.end_lineno, alias.end_col_offset)
                return alias.end_lineno, end - len(name), end
            return self.lines.of_name(alias, name)
        # Python 3.9 does not say where.
        line, begin = statement.lineno, self.lines.column(statement.lineno, statement.col_offset) - 1
        begin = find_word(self.lines.text(line), "import", begin) + len("import")
        while line <= statement.end_lineno:
            index = find_word(self.lines.text(line), name, begin)
            if index >= 0:
                return line, index + 1, index + 1 + len(name)
            line, begin = line + 1, 0
        return statement.lineno, 0, 0

    def written_by_call(self, node):
        """setattr(sys.modules[__name__], "name", value), globals().update(name=value) and the like."""
        if is_call_of(node, "setattr") and len(node.args) == 3 and is_own_module(node.args[0]):
            yield from self.written(node.args[1], node.args[2])
        elif type(node.func) is _ast.Attribute and is_namespace(node.func.value):
            if node.func.attr in ("setdefault", "__setitem__") and len(node.args) == 2:
                yield from self.written(*node.args)
            elif node.func.attr == "update":
                yield from self.written_by_keywords(node)
                for one in node.args:
                    if type(one) is _ast.Dict:
                        for key, value in zip(one.keys, one.values):
                            yield from self.written(key, value)
                    elif is_call_of(one, "dict"):
                        yield from self.written_by_keywords(one)

    def written_by_keywords(self, call):
        for one in call.keywords:
            if one.arg in self.names:
                yield one.arg, self.lines.of_name(one, one.arg), one.value

    def written(self, key, value):
        if key is not None and text_of(key) in self.names:
            yield text_of(key), self.lines.of_value(key), value


def header_of(node):
    """(first line, last line) of a statement, a handler or a case, without what stands in its blocks."""
    if not any(isinstance(getattr(node, block, None), list) for block in BLOCKS):
        return node.lineno, node.end_lineno
    own = [
        getattr(node, field)
        for field in node._fields
        if field not in BLOCKS and isinstance(getattr(node, field, None), (_ast.AST, list))
    ]
    placed = [one for part in own for item in (part if isinstance(part, list) else [part]) for one in walk_if_node(item)]
    if not hasattr(node, "lineno") and not placed:
        return 1, 1
    first = min([one.lineno for one in placed] + ([node.lineno] if hasattr(node, "lineno") else []))
    return first, max([one.end_lineno for one in placed] + [getattr(node, "lineno", first)])


def walk_if_node(item):
    return [one for one in walk(item) if hasattr(one, "lineno")] if isinstance(item, _ast.AST) else []


def global_names(scope):
    """What the `global` statements of this function or class itself name."""
    names = set()
    todo = list(children(scope))
    while todo:
        node = todo.pop()
        if type(node) is _ast.Global:
            names.update(node.names)
        elif not isinstance(node, SCOPES):
            todo.extend(children(node))
    return names


def is_own_module(node):
    """sys.modules[__name__]"""
    return (
        type(node) is _ast.Subscript
        and (getattr(node.value, "attr", None) or getattr(node.value, "id", None)) == "modules"
        and getattr(node.slice, "id", None) == "__name__"
    )


def is_namespace(node):
    """globals(), and vars() or locals() where they mean the module; vars(sys.modules[__name__]) and its __dict__."""
    if type(node) is _ast.Attribute:
        return node.attr == "__dict__" and is_own_module(node.value)
    if is_call_of(node, "vars") and len(node.args) == 1:
        return is_own_module(node.args[0])
    return is_call_of(node, "globals", "vars", "locals") and not node.args
