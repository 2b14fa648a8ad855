"""Attributes that hooks read of what they get and that do not exist.

Only what would certainly raise is told. Nothing is said of names with an underscore in front, of those that anything in the file
assigns, declares in a class or asks for with hasattr or getattr, of what an `except` would catch, of parameters that are bound
again, and of decorated functions. It follows calls of functions of the file that get one of the objects.
"""

import _ast

from gunicorn._checks import surface
from gunicorn._checks.own_attributes import OwnAttributes
from gunicorn._checks.scopes import Scope
from gunicorn._checks.trees import (
    COMPREHENSIONS,
    FUNCTIONS,
    all_parameters,
    children,
    positional_parameters,
    stored_names,
    text_of,
)

CATCHING = frozenset(["AttributeError", "Exception", "BaseException"])
LOGGING_METHODS = frozenset(["debug", "info", "warning", "error", "critical", "exception", "log"])


def find(tree, bindings, functions, settings, lines):
    """[("attribute", hook, line, column, end column, line of the call, kind, object, attribute, message, advice, certainty)]

    `functions` are those of hooks.bound_functions. The line of the call is 0 unless the place is in a function that the hook
    calls. The kind is one of surface.ATTRIBUTES, the object as it is written ("worker"), the advice may be "". The certainty is
    2: it does not exist; 1: unless code outside of this file sets it; 0: Gunicorn has it, this server does not yet.
    """
    functions = [one for one in functions if one[0] in surface.CONSEQUENCES]
    if not functions:
        return []
    own = OwnAttributes(tree)
    if own.is_open:
        return []
    surfaces = {**surface.ATTRIBUTES, "cfg": surface.ATTRIBUTES["cfg"] | settings}
    search = Search(bindings, own, surfaces, lines)
    for hook, function, parameters in functions:
        kinds = {name: surface.KINDS[what] for name, what in parameters.items() if what in surface.KINDS}
        search.run(hook, function, kinds)
    return search.findings()


class Search:
    def __init__(self, bindings, own, surfaces, lines):
        self.bindings = bindings
        self.own = own
        self.surfaces = surfaces
        self.lines = lines
        self.seen = set()
        self.found = {}  # place -> (hook, line of the call, kind, object, attribute, helper, what then)
        self.lent = set()  # kinds that go to imported functions, which may set what they like
        if self.is_set_otherwise("worker_class", is_bundled_worker):
            self.lent |= {"worker", "req", "resp"}
        if self.is_set_otherwise("logger_class", lambda value: text_of(value) in ("simple", "gunicorn.glogging.Logger")):
            self.lent.add("log")

    def is_set_otherwise(self, setting, is_ours):
        values = [value for _, value in self.bindings.assignments.get(setting, ())]
        return setting in self.bindings.otherwise or not all(map(is_ours, values))

    def run(self, hook, function, kinds, call_line=0, helper=None):
        key = (id(function), tuple(sorted(kinds.items())))
        if not kinds or key in self.seen:
            return
        self.seen.add(key)
        scope = Scope(function, kinds, self.own.names)
        for statement in function.body if isinstance(function, FUNCTIONS) else [function.body]:
            self.read(statement, scope, hook, call_line, helper)

    def read(self, first, scope, hook, call_line, helper):
        todo = [(first, scope)]
        while todo:
            node, scope = todo.pop()
            kind = type(node)
            if kind is _ast.Attribute:
                if type(node.ctx) is _ast.Load:
                    self.attribute(node, scope, hook, call_line, helper)
            elif kind is _ast.AugAssign and type(node.target) is _ast.Attribute:
                self.attribute(node.target, scope, hook, call_line, helper)
            elif kind is _ast.Call:
                self.call(node, scope, hook, call_line, helper)
            elif kind in FUNCTIONS or kind is _ast.Lambda or kind in COMPREHENSIONS:
                own = set(all_parameters(node)) if hasattr(node, "args") else set()
                scope = scope.inside(own | stored_names(node), kind in FUNCTIONS)
            elif hasattr(node, "handlers") and any(self.may_catch(one.type) for one in node.handlers):
                todo.extend((one, scope) for one in node.handlers + node.orelse + node.finalbody)
                continue
            elif kind in (_ast.With, _ast.AsyncWith) and any(self.suppresses(one.context_expr) for one in node.items):
                continue
            todo.extend((child, scope) for child in children(node))

    def may_catch(self, exception):
        """Whether an `except` of this catches AttributeError; names that the file assigns may be anything."""
        if exception is None:
            return True
        if type(exception) is _ast.Tuple:
            return any(map(self.may_catch, exception.elts))
        return type(exception) is _ast.Name and (exception.id in CATCHING or exception.id in self.own.assigned)

    def suppresses(self, manager):
        """contextlib.suppress(...) of such an exception"""
        if type(manager) is not _ast.Call:
            return False
        name = getattr(manager.func, "id", None) or getattr(manager.func, "attr", None)
        return name == "suppress" and any(map(self.may_catch, manager.args))

    def attribute(self, node, scope, hook, call_line, helper):
        kind = scope.kind_of(node.value)
        name = node.attr
        if kind is None or name in self.surfaces[kind] or name in self.own.names or name.startswith("_"):
            return
        then = "that function would fail" if scope.is_inner else surface.CONSEQUENCES[hook]
        found = (hook, call_line, kind, written(node.value), name, helper, then)
        self.found.setdefault(self.lines.of_attribute(node), found)

    def call(self, node, scope, hook, call_line, helper):
        arguments = [(index, scope.kind_of(one)) for index, one in enumerate(node.args)]
        arguments += [(one.arg, scope.kind_of(one.value)) for one in node.keywords]
        kinds = {key: kind for key, kind in arguments if kind and key is not None}
        if not kinds:
            return
        function = self.only_function(node.func, scope)
        if function is not None:
            names = positional_parameters(function)
            stars = [index for index, one in enumerate(node.args) if type(one) is _ast.Starred]
            names = names[: stars[0]] if stars else names
            given = {names[key] if key in range(len(names)) else key: kind for key, kind in kinds.items()}
            given = {name: kind for name, kind in given.items() if name in all_parameters(function)}
            self.run(hook, function, given, call_line or node.lineno, node.func.id)
        elif root_of(node.func) in self.own.imported and getattr(node.func, "attr", None) not in LOGGING_METHODS:
            self.lent.update(kinds.values())

    def only_function(self, called, scope):
        """The function of the file that a plain name certainly is."""
        if type(called) is not _ast.Name or called.id in scope.stored:
            return None
        bound = self.bindings.names.get(called.id, ())
        is_function = len(bound) == 1 and type(bound[0]) is _ast.FunctionDef and not bound[0].decorator_list
        return bound[0] if is_function else None

    def findings(self):
        return [
            ("attribute", hook, *place, call_line, kind, what, name, *self.told(kind, what, name, helper, then))
            for place, (hook, call_line, kind, what, name, helper, then) in self.found.items()
        ]

    def told(self, kind, what, name, helper, then):
        """(message, advice, how sure)"""
        reads = "reads %s.%s%s" % (what, name, " in %s()" % helper if helper else "")
        if name in surface.NOT_YET.get(kind, ()):
            return "%s, which Gunicorn has and this server does not have yet: %s" % (reads, then), "", 0
        is_sure = kind not in self.lent
        unless = "" if is_sure else " unless other code sets it"
        return "%s, which does not exist%s: %s" % (reads, unless, then), surface.ADVICE.get((kind, name), ""), 2 if is_sure else 1


def is_bundled_worker(value):
    name = text_of(value)
    return name is not None and ("." not in name or name.startswith("gunicorn."))


def root_of(node):
    while type(node) is _ast.Attribute:
        node = node.value
    return node.id if type(node) is _ast.Name else None


def written(node):
    return "%s.%s" % (written(node.value), node.attr) if type(node) is _ast.Attribute else node.id
