"""Attributes that hooks read of what they get and that do not exist.

Only what would raise is told: certain where it runs in any case and nothing outside of the file may set the attribute. Nothing
is said of names with an underscore in front, of those that anything in the file assigns, declares in a class or asks for with
hasattr or getattr, of what an `except` would catch, of parameters that are bound again, and of decorated functions. It follows
calls of functions of the file that get one of the objects.
"""

import _ast

from gunicorn._checks import surface
from gunicorn._checks.certainty import certain_children, is_generator, leaving_functions, may_leave
from gunicorn._checks.outside import BUILTINS, escapes
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


def find(tree, bindings, functions, own, is_alone, settings, lines):
    """[(type, hook, line, column, end column, line of the call, kind, object, attribute, message, advice, is certain)]

    `functions` are those of hooks.bound_functions, `own` OwnAttributes; is_alone: no code elsewhere sets attributes, as far as
    imports tell. The type is "attribute", or "missing" for what Gunicorn has and this server does not yet. The line of the call
    is 0 unless the place is in a function that the hook calls. The kind is one of surface.ATTRIBUTES, the object as it is
    written ("worker"), the advice may be "".
    """
    functions = [one for one in functions if one[0] in surface.CONSEQUENCES]
    if not functions:
        return []
    if own.is_open:
        return []
    attributes = surface.ATTRIBUTES
    surfaces = {**attributes, "cfg": attributes["cfg"] | settings, "log": attributes["log"] | surface.OF_STATSD}
    search = Search(bindings, own, surfaces, lines)
    for hook, function, parameters, is_hook in functions:
        kinds = {name: surface.KINDS[what] for name, what in parameters.items() if what in surface.KINDS}
        search.run(hook, function, kinds, is_hook and hook not in own.unsettled)
    return search.findings(is_alone and not escapes(tree, search.objects, search.is_own_function))


class Search:
    def __init__(self, bindings, own, surfaces, lines):
        self.bindings = bindings
        self.own = own
        self.surfaces = surfaces
        self.lines = lines
        self.seen = set()
        self.found = {}  # place -> (hook, line of the call, kind, object, attribute, helper, what then, does it run)
        self.objects = set()  # names of variables that hold an object of hooks
        self.leaving = leaving_functions(bindings.functions)
        self.lent = set()  # kinds whose classes are elsewhere, which may have what they like
        if self.is_set_otherwise("worker_class", is_bundled_worker):
            self.lent |= {"worker", "req", "resp"}
        if self.is_set_otherwise("logger_class", lambda value: text_of(value) in ("simple", "gunicorn.glogging.Logger")):
            self.lent.add("log")

    def is_set_otherwise(self, setting, is_ours):
        values = [value for _, value in self.bindings.assignments.get(setting, ())]
        return setting in self.bindings.otherwise or not all(map(is_ours, values))

    def run(self, hook, function, kinds, runs, call_line=0, helper=None):
        """`runs`: whether the function is called whatever happens."""
        key = (id(function), tuple(sorted(kinds.items())))
        runs = runs and not is_generator(function)
        if not kinds or (key, True) in self.seen or (key, runs) in self.seen:
            return
        self.seen.add((key, runs))
        scope = Scope(function, kinds, self.own.names)
        self.objects.update(scope.kinds)
        for statement in function.body if isinstance(function, FUNCTIONS) else [function.body]:
            self.read(statement, scope, runs, hook, call_line, helper)
            runs = runs and not may_leave(statement, self.leaving)

    def read(self, first, scope, runs, hook, call_line, helper):
        todo = [(first, scope, runs)]
        while todo:
            node, scope, runs = todo.pop()
            kind = type(node)
            if kind is _ast.Attribute:
                if type(node.ctx) is _ast.Load:
                    self.attribute(node, scope, runs, hook, call_line, helper)
            elif kind is _ast.AugAssign and type(node.target) is _ast.Attribute:
                self.attribute(node.target, scope, runs, hook, call_line, helper)
            elif kind is _ast.Call:
                self.call(node, scope, runs, hook, call_line, helper)
            elif kind in FUNCTIONS or kind is _ast.Lambda or kind in COMPREHENSIONS:
                own = set(all_parameters(node)) if hasattr(node, "args") else set()
                scope = scope.inside(own | stored_names(node), kind in FUNCTIONS)
            elif hasattr(node, "handlers") and any(self.may_catch(one.type) for one in node.handlers):
                todo.extend((one, scope, False) for one in node.handlers + node.orelse + node.finalbody)
                continue
            elif kind in (_ast.With, _ast.AsyncWith) and any(self.suppresses(one.context_expr) for one in node.items):
                continue
            certain = set(map(id, certain_children(node))) if runs else ()
            todo.extend((child, scope, id(child) in certain) for child in children(node))

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

    def attribute(self, node, scope, runs, hook, call_line, helper):
        kind = scope.kind_of(node.value)
        name = node.attr
        if kind is None or name in self.surfaces[kind] or name in self.own.names or name.startswith("_"):
            return
        then = "that function would fail" if scope.is_inner else surface.CONSEQUENCES[hook]
        place = self.lines.of_attribute(node)
        if place not in self.found or (runs and not self.found[place][-1]):
            self.found[place] = (hook, call_line, kind, written(node.value), name, helper, then, runs)

    def call(self, node, scope, runs, hook, call_line, helper):
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
            self.run(hook, function, given, runs, call_line or node.lineno, node.func.id)

    def only_function(self, called, scope):
        """The function of the file that a plain name certainly is."""
        if type(called) is not _ast.Name or called.id in scope.stored or called.id in self.own.unsettled:
            return None
        bound = self.bindings.names.get(called.id, ())
        is_function = len(bound) == 1 and type(bound[0]) is _ast.FunctionDef and not bound[0].decorator_list
        return bound[0] if is_function else None

    def is_own_function(self, called):
        """Whether the node of a callee is the name of a function of the file or of a builtin."""
        if type(called) is not _ast.Name or called.id in self.own.assigned | self.own.unsettled:
            return False
        bound = self.bindings.names.get(called.id)
        return all(type(one) is _ast.FunctionDef and not one.decorator_list for one in bound) if bound else called.id in BUILTINS

    def findings(self, is_alone):
        """is_alone: nothing outside of the file gets the objects."""
        return [
            ("missing" if is_missing(kind, name) else "attribute", hook, *place, call_line, kind, what, name)
            + self.told(kind, what, name, helper, then, is_alone and kind not in self.lent, runs)
            for place, (hook, call_line, kind, what, name, helper, then, runs) in self.found.items()
        ]

    @staticmethod
    def told(kind, what, name, helper, then, is_alone, runs):
        """(message, advice, is certain)"""
        reads = "reads %s.%s%s" % (what, name, " in %s()" % helper if helper else "")
        unless = "" if is_alone else " unless other code sets it"
        where = "" if runs else "where it runs, "
        advice = surface.ADVICE.get((kind, name), "")
        lacks = "which is not supported here yet" if is_missing(kind, name) else "which does not exist"
        return "%s, %s%s: %s%s" % (reads, lacks, unless, where, then), advice, is_alone and runs


def is_bundled_worker(value):
    name = text_of(value)
    return name is not None and ("." not in name or name.startswith("gunicorn."))


def is_missing(kind, name):
    return name in surface.NOT_YET.get(kind, ())


def written(node):
    return "%s.%s" % (written(node.value), node.attr) if type(node) is _ast.Attribute else node.id
