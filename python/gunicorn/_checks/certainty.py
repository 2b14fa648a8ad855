"""Which parts of a function run whatever happens, once it is called."""

import _ast

from gunicorn._checks.trees import COMPREHENSIONS, children, walk

EXITS = frozenset(["exit", "_exit", "quit", "abort"])


def certain_children(node):
    """The children that are evaluated whenever the node is: not branches, bodies of loops, of `with` and of `try`, functions."""
    kind = type(node)
    if kind is _ast.BoolOp:
        return node.values[:1]
    if kind is _ast.Compare:
        return [node.left, node.comparators[0]]
    if kind in COMPREHENSIONS:
        return node.generators[:1]
    if kind is _ast.comprehension:
        return [node.iter]
    if kind is _ast.Assert:  # python -O
        return []
    if hasattr(node, "body") or hasattr(node, "cases"):
        heads = [getattr(node, name) for name in ("test", "iter", "subject") if hasattr(node, name)]
        return heads + getattr(node, "items", [])[:1]
    return children(node)


def may_leave(statement, leaving):
    """Whether what follows the statement may not run; `leaving` are names of functions for which the same is true."""
    for node in walk(statement):
        if type(node) is _ast.Return or ends_all(node):
            return True
        if type(node) is _ast.Call and getattr(node.func, "id", None) in leaving:
            return True
    return False


def leaving_functions(functions):
    """Names of those that may not come back; functions: {name: [node]}"""
    return {name for name, nodes in functions.items() if any(ends_all(one) for node in nodes for one in walk(node))}


def is_generator(function):
    return any(type(node) in (_ast.Yield, _ast.YieldFrom) for node in walk(function))


def ends_all(node):
    if type(node) is _ast.Call:
        called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        return called is not None and (called in EXITS or called.startswith("exec"))
    return type(node) in (_ast.Raise, _ast.While)
