"""Which functions of the file are hooks, and what each of their parameters is."""

import _ast

from gunicorn._checks.trees import is_call_of, positional_parameters, text_of


def bound_functions(bindings, hooks, own_modules):
    """[(hook, function node, {parameter: name of what it gets}, whether it certainly is the hook)] of each function of the file
    that is a hook as it stands.

    `hooks` are {name: names of its parameters}. A def with the name of the hook, a name that is assigned, a lambda, the first
    argument of functools.partial, a dotted name that leads into the file. Decorated functions are something else, and the code of
    a coroutine function would not run.
    """
    found = []
    for hook, parameters in hooks.items():
        nodes = last_bindings(bindings, hook)
        functions = [one for node in nodes for one in functions_of(node, bindings, own_modules)]
        is_certain = len(functions) == 1 and hook in bindings.unconditional
        for function, skipped in functions:
            if function is not None:
                names = positional_parameters(function)[skipped:]
                found.append((hook, function, dict(zip(names, parameters)), is_certain))
    return found


def last_bindings(bindings, name):
    """What may be the value in the end: the last binding that happens whatever comes, and those behind it."""
    nodes = bindings.names.get(name, [])
    certain = bindings.unconditional.get(name)
    begin = next((i for i, node in enumerate(nodes) if certain and node is certain[-1][0]), 0)
    values = {id(target): value for target, value in bindings.assignments.get(name, ())}
    return [values.get(id(node), node) for node in nodes[begin:]]


def functions_of(node, bindings, own_modules, skipped=0, depth=0):
    """(function node, how many of its parameters are taken) for everything that the expression may be; None is no function."""
    if depth > 10:  # a = b; b = a
        yield None, 0
    elif type(node) is _ast.Lambda or (type(node) is _ast.FunctionDef and not node.decorator_list):
        yield node, skipped
    elif type(node) is _ast.Name:
        for one in last_bindings(bindings, node.id):
            yield from functions_of(one, bindings, own_modules, skipped, depth + 1)
    elif type(node) is _ast.IfExp:
        for one in (node.body, node.orelse):
            yield from functions_of(one, bindings, own_modules, skipped, depth + 1)
    elif is_partial(node):
        yield from functions_of(node.args[0], bindings, own_modules, skipped + len(node.args) - 1, depth + 1)
    elif text_of(node):
        module, _, name = text_of(node).rpartition(".")
        if module in own_modules:
            for one in last_bindings(bindings, name):
                yield from functions_of(one, bindings, own_modules, skipped, depth + 1)
        else:
            yield None, 0
    else:
        yield None, 0


def is_partial(node):
    if type(node) is not _ast.Call or not node.args or any(type(one) is _ast.Starred for one in node.args):
        return False
    return is_call_of(node, "partial") or getattr(node.func, "attr", None) == "partial"
