"""What a configuration file binds, by its syntax tree."""

import _ast

from gunicorn._checks.trees import FUNCTIONS, bound_by, walk


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
        if kind is _ast.Assign:
            for target in statement.targets:
                self.assign(target, statement.value, is_certain and statement)
        elif kind is _ast.AnnAssign and statement.value is not None:
            self.assign(statement.target, statement.value, is_certain and statement)
        elif kind is _ast.AugAssign:
            self.assign(statement.target, statement.value, None)
        elif kind in FUNCTIONS:
            self.functions.setdefault(statement.name, []).append(statement)
            self.bind(statement.name, statement, is_certain and statement)
        elif kind is _ast.ClassDef:
            self.bind_otherwise(statement.name, statement)
        elif kind is _ast.Import or kind is _ast.ImportFrom:
            for alias in statement.names:
                self.bind_otherwise(bound_by(alias), statement)
        elif kind is _ast.If and is_about_main(statement.test):
            self.read_block(statement.orelse, False)
        else:
            self.read_compound(statement)

    def read_compound(self, statement):
        targets = [getattr(statement, "target", None)]  # of a loop
        targets += [item.optional_vars for item in getattr(statement, "items", ())]  # of with
        for target in filter(None, targets):
            for node in walk(target):
                if isinstance(node, _ast.Name):
                    self.bind_otherwise(node.id, node)
        for field in ("body", "orelse", "finalbody"):
            self.read_block(getattr(statement, field, ()), False)
        for branch in getattr(statement, "handlers", ()):
            self.read_block(branch.body, False)
        for branch in getattr(statement, "cases", ()):
            self.read_block(branch.body, False)

    def assign(self, target, value, certain_statement):
        if isinstance(target, _ast.Name):
            self.assignments.setdefault(target.id, []).append((target, value))
            self.bind(target.id, target, certain_statement)
        elif isinstance(target, (_ast.Tuple, _ast.List)):
            values = value.elts if isinstance(value, (_ast.Tuple, _ast.List)) else ()
            if len(values) == len(target.elts):
                for one, its_value in zip(target.elts, values):
                    self.assign(one, its_value, certain_statement)
            else:  # the shape of the value decides which names there are
                for node in walk(target):
                    if isinstance(node, _ast.Name):
                        self.bind_otherwise(node.id, node)

    def bind(self, name, node, certain_statement=None):
        self.names.setdefault(name, []).append(node)
        if certain_statement:
            self.unconditional.setdefault(name, []).append((node, certain_statement))

    def bind_otherwise(self, name, node):
        self.otherwise.add(name)
        self.bind(name, node)


def is_about_main(test):
    return any(isinstance(node, _ast.Name) and node.id == "__name__" for node in walk(test))
