"""Syntax trees without the module `ast`, whose import costs more than all the rest of a check."""

import _ast
import warnings

FUNCTIONS = (_ast.FunctionDef, _ast.AsyncFunctionDef)
COMPREHENSIONS = (_ast.ListComp, _ast.SetComp, _ast.DictComp, _ast.GeneratorExp)


def parse(source, path):
    """The tree of a source, which is bytes: its encoding is the one it declares (PEP 263)."""
    with warnings.catch_warnings():  # whoever compiled the source has shown them
        warnings.simplefilter("ignore")
        return compile(source, path, "exec", _ast.PyCF_ONLY_AST, True)


def children(node):
    """The nodes right below; not those that only are a word: contexts, operators, `pass`."""
    found = []
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            found += [one for one in value if isinstance(one, _ast.AST)]
        elif isinstance(value, _ast.AST) and value._fields:
            found.append(value)
    return found


def walk(node):
    """The node and all below it; a parent comes before its children."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(children(node))


def stored_names(node):
    """Every name that something at or below the node binds, in whatever scope."""
    names = set()
    for one in walk(node):
        kind = type(one)
        if kind is _ast.Name:
            if type(one.ctx) is not _ast.Load:
                names.add(one.id)
        elif kind in (_ast.Global, _ast.Nonlocal):
            names.update(one.names)
        elif kind is _ast.alias:
            names.add(bound_by(one))
        elif kind not in (_ast.Attribute, _ast.keyword):  # functions, classes, `except ... as name`, captures of `match`
            name = getattr(one, "name", None) or getattr(one, "rest", None)
            if isinstance(name, str):
                names.add(name)
    return names


def bound_by(alias):
    """The name that `import a.b`, `import a as name` or `from a import name` binds."""
    return alias.asname or alias.name.partition(".")[0]


def is_call_of(node, *names):
    """A call of a function with one of these plain names."""
    return type(node) is _ast.Call and type(node.func) is _ast.Name and node.func.id in names


def text_of(node):
    """What a literal text says; None for anything else."""
    return node.value if type(node) is _ast.Constant and isinstance(node.value, str) else None


def positional_parameters(function):
    """Their names, of a def or a lambda."""
    return [argument.arg for argument in function.args.posonlyargs + function.args.args]


def all_parameters(function):
    extra = [function.args.vararg, function.args.kwarg]
    return positional_parameters(function) + [one.arg for one in function.args.kwonlyargs + [one for one in extra if one]]
