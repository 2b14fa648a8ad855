"""What the file itself does to the attributes of objects."""

import _ast

from gunicorn._checks.trees import is_call_of, stored_names, text_of, walk

# Whoever makes one of these decides about all attributes.
DECIDING = frozenset(["__getattr__", "__getattribute__", "__class__"])


class OwnAttributes:
    """Names of attributes that a file itself makes or asks for, on whatever object."""

    def __init__(self, tree=None):
        self.names = set()
        self.is_open = False  # any may be made
        self.assigned = set()  # plain names
        self.unsettled = set()  # plain names that are deleted, or bound by a function for the whole file
        if tree is not None:
            self.read(tree)

    def add(self, other):
        """What another file does to attributes."""
        self.names |= other.names
        self.is_open |= other.is_open

    def read(self, tree):
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
            elif kind is _ast.Compare:
                self.names.update(filter(None, [text_of(node.left)] if any(map(is_dir, node.comparators)) else ()))
            elif kind is _ast.Name and type(node.ctx) is not _ast.Load:
                (self.assigned if type(node.ctx) is _ast.Store else self.unsettled).add(node.id)
            elif kind is _ast.Global:
                self.unsettled.update(node.names)
        self.is_open |= not DECIDING.isdisjoint(self.names)

    def call(self, node):
        called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if called == "vars" and node.args:
            self.is_open = True
        elif called in ("setattr", "hasattr", "getattr", "__setattr__"):
            texts = [text_of(one) for one in node.args[:2] if text_of(one)]
            self.names.update(texts)
            self.is_open |= not texts and called in ("setattr", "__setattr__")


def is_dir(node):
    """`"color" in dir(worker)`"""
    return is_call_of(node, "dir") and bool(node.args)
