"""What the file itself does to the attributes of objects."""

import _ast

from gunicorn._checks.trees import bound_by, stored_names, text_of, walk


class OwnAttributes:
    """Names of attributes that the file itself makes or asks for, on whatever object."""

    def __init__(self, tree):
        self.names = set()
        self.is_open = False  # any may be made
        self.imported = set()
        self.assigned = set()  # plain names
        increments = set()
        for node in walk(tree):
            kind = type(node)
            if kind is _ast.AugAssign:
                increments.add(id(node.target))
            elif kind is _ast.Attribute:
                self.is_open |= node.attr == "__dict__"
                if type(node.ctx) is _ast.Store and id(node) not in increments:
                    self.names.add(node.attr)
            elif kind is _ast.Call:
                self.call(node)
            elif kind is _ast.ClassDef:
                for statement in node.body:
                    self.names |= stored_names(statement)
            elif kind in (_ast.Import, _ast.ImportFrom):
                self.imported.update(bound_by(alias) for alias in node.names)
            elif kind is _ast.Name and type(node.ctx) is _ast.Store:
                self.assigned.add(node.id)

    def call(self, node):
        called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if called == "vars" and node.args:
            self.is_open = True
        elif called in ("setattr", "hasattr", "getattr", "__setattr__"):
            texts = [text_of(one) for one in node.args[:2] if text_of(one)]
            self.names.update(texts)
            self.is_open |= not texts and called in ("setattr", "__setattr__")
