"""Which names in a function are the objects that a hook gets."""

import _ast

from gunicorn._checks import surface
from gunicorn._checks.trees import FUNCTIONS, is_call_of, stored_names, walk


class Scope:
    """The kinds of objects (surface.ATTRIBUTES) that names have, each of them everywhere in the function or nowhere."""

    def __init__(self, function, kinds, changed):
        """`kinds` are those of the parameters, `changed` names of attributes of which nothing is certain."""
        self.changed = changed
        self.is_inner = False  # of a function that this one only makes
        body = function.body if isinstance(function, FUNCTIONS) else [function.body]
        self.stored = set().union(*map(stored_names, body))
        asked = {one.args[0].id for part in body for one in walk(part) if is_type_test(one)}
        self.kinds = {name: kind for name, kind in kinds.items() if name not in self.stored and name not in asked}
        self.add_other_names(body)

    def add_other_names(self, body):
        """`log = server.log`, when nothing else binds log."""
        assignments = {}
        bound = {}
        for part in body:
            for node in walk(part):
                if type(node) is _ast.Name and type(node.ctx) is not _ast.Load:
                    bound[node.id] = bound.get(node.id, 0) + 1
                elif type(node) is _ast.Assign and len(node.targets) == 1 and type(node.targets[0]) is _ast.Name:
                    assignments[node.lineno, node.col_offset] = node
        for _, node in sorted(assignments.items()):
            name = node.targets[0].id
            kind = self.kind_of(node.value)
            if kind and bound[name] == 1:
                self.kinds[name] = kind

    def inside(self, names, is_function):
        """The scope of something that has these names for itself."""
        inner = object.__new__(Scope)
        inner.changed = self.changed
        inner.is_inner = self.is_inner or is_function
        inner.stored = self.stored | names
        inner.kinds = {name: kind for name, kind in self.kinds.items() if name not in names}
        return inner

    def kind_of(self, node):
        """The kind of an expression, None when it is not certain."""
        if type(node) is _ast.Name:
            return self.kinds.get(node.id)
        if type(node) is _ast.Attribute and node.attr not in self.changed:
            return surface.MEMBERS.get((self.kind_of(node.value), node.attr))
        return None


def is_type_test(node):
    return is_call_of(node, "isinstance", "type", "issubclass") and bool(node.args) and type(node.args[0]) is _ast.Name
