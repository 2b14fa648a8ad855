"""Which names functions, lambdas, comprehensions and classes have for themselves, beside those of the file."""

import _ast

from gunicorn._checks.trees import COMPREHENSIONS, FUNCTIONS, all_parameters, bound_by, children, walk

SCOPES = frozenset((*FUNCTIONS, _ast.Lambda, _ast.ClassDef, *COMPREHENSIONS))
IMPORTS = (_ast.Import, _ast.ImportFrom)
# `except ... as name`, and the captures of `match` (Python 3.10): a `name`, or `rest`.
NAMING = tuple(
    getattr(_ast, kind) for kind in ("ExceptHandler", "MatchAs", "MatchStar", "MatchMapping") if hasattr(_ast, kind)
)


def parts(scope):
    """(nodes that are evaluated around the scope, nodes that are evaluated in it).

    Around it are decorators, defaults, annotations, bases, and the first iterable of a comprehension.
    """
    kind = type(scope)
    if kind in COMPREHENSIONS:
        around = [scope.generators[0].iter]
        all_of_it = [one for part in children(scope) for one in (children(part) if type(part) is _ast.comprehension else [part])]
        return around, [one for one in all_of_it if one is not around[0]]
    inner = [scope.body] if kind is _ast.Lambda else scope.body
    is_inner = set(map(id, inner))
    return [one for one in children(scope) if id(one) not in is_inner], inner


def hidden_inside(scope, inner, hidden):
    """The names that in a scope mean another thing than the file's; `hidden` are those around it, `inner` are its parts.

    A name that a class binds may still be the file's in its body, and is in its methods.
    """
    kind = type(scope)
    if kind in COMPREHENSIONS:
        targets = [node for part in scope.generators for node in walk(part.target)]
        return hidden.union(node.id for node in targets if type(node) is _ast.Name and type(node.ctx) is _ast.Store)
    bound, shared = bound_names(inner)
    if kind is _ast.ClassDef:
        return hidden - bound - shared
    return hidden.union(bound, all_parameters(scope)) - shared


def bound_names(nodes):
    """(names that these nodes bind in the scope that they are in, names of its `global` statements)"""
    bound = set()
    shared = set()
    todo = [(node, False) for node in nodes]
    while todo:
        node, is_comprehension = todo.pop()  # which lets out what `:=` binds, nothing else
        kind = type(node)
        if kind is _ast.Name:
            if type(node.ctx) is not _ast.Load and not is_comprehension:
                bound.add(node.id)
        elif kind is _ast.Global:
            shared.update(node.names)
        elif kind in IMPORTS:
            bound.update(map(bound_by, node.names))
        elif kind in SCOPES:
            around, inner = parts(node)
            todo += [(one, is_comprehension) for one in around]
            if kind in COMPREHENSIONS:
                todo += [(one, True) for one in inner]
            elif kind is not _ast.Lambda:
                bound.add(node.name)
        else:
            if kind is _ast.NamedExpr:
                bound.add(node.target.id)
            elif kind in NAMING:
                bound.add(getattr(node, "rest", None) or getattr(node, "name", None))
            todo += [(one, is_comprehension) for one in children(node)]
    return bound, shared
