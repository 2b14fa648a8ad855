"""What can be said of an application without calling it."""

import ast
import functools
import inspect
import os
import sys

from gunicorn._checks.bindings import Bindings

ASGI_PARAMETERS = ["scope", "receive", "send"]
FACTORIES = ("create_app", "make_app", "get_app", "build_app", "app_factory", "create_application", "make_application")


def takes(function, count):
    """Whether a call with `count` positional arguments fits; None when that is not certain."""
    found = certain_signature(function)
    if found is None:
        return None
    try:
        found.bind(*[None] * count)
    except TypeError:
        return False
    return True


def certain_signature(function):
    """The signature that a call meets: that of the function itself, not of what it wraps; None when nobody can tell."""
    if hasattr(function, "__signature__"):  # it says so itself; calls may differ
        return None
    if inspect.isclass(function) and (
        type(function).__call__ is not type.__call__
        or (function.__new__ is not object.__new__ and function.__init__ is not object.__init__)
    ):
        return None
    if not has_plain_call(function):
        return None
    try:
        return inspect.signature(function, follow_wrapped=False)
    except (ValueError, TypeError):
        return None


def has_plain_call(function):
    """False for objects whose class has a `__call__` that is no plain function: a static or class method, a descriptor."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function) or inspect.isclass(function):
        return True
    return inspect.isfunction(inspect.getattr_static(type(function), "__call__", None))


def required_names(function):
    found = certain_signature(function)
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if found is None:
        return []
    return [one.name for one in found.parameters.values() if one.kind in plain and one.default is one.empty]


def is_asynchronous(app):
    """Whether a call gives a coroutine, which no WSGI server can send; a class is called to make an object."""
    if inspect.isclass(app):
        return required_names(app) == ASGI_PARAMETERS
    call = type(app).__call__
    for function in (app, call):
        while isinstance(function, functools.partial):
            function = function.func
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            return True
    return required_names(app) == ASGI_PARAMETERS


def asynchronous_kind(app):
    is_plain = inspect.iscoroutinefunction(app) and required_names(app) != ASGI_PARAMETERS
    return "a coroutine function" if is_plain else "an ASGI application (%s)" % kind_name(app)


def written_signature(function):
    """"(environ, start_response)", as far as it can be told."""
    try:
        return str(inspect.signature(function))
    except (ValueError, TypeError):
        return "(...)"


def kind_name(value):
    if inspect.isclass(value):
        return "class"
    if inspect.ismethod(value):
        return "method"
    if inspect.isroutine(value):
        return "function"
    if inspect.ismodule(value):
        return "module"
    if value is None:
        return "None"
    return "%s object" % type(value).__qualname__


def definition(value):
    """(file, line) of a function or class; None when it has no source."""
    value = inspect.unwrap(value) if callable(value) else value
    value = getattr(value, "__func__", value)
    code = getattr(value, "__code__", None)
    if inspect.isclass(value):
        module = sys.modules.get(value.__module__)
        return binding(module, value.__name__)
    return (code.co_filename, code.co_firstlineno) if code is not None else None


def binding(module, name):
    """(file, line) of the last statement of a module that binds a name at its top level; None when that is not found."""
    path = getattr(module, "__file__", None)
    if not path or not path.endswith(".py") or not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as source:
            nodes = Bindings(ast.parse(source.read())).names.get(name)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    return (path, nodes[-1].lineno) if nodes else None


def candidates(owner):
    """Names in a module or object that may be meant as an application: made here, public and callable."""
    found = []
    for name, value in list(vars(owner).items()) if hasattr(owner, "__dict__") else ():
        if name.startswith("_") or inspect.ismodule(value) or not callable(value):
            continue
        is_foreign = getattr(value, "__module__", None) != getattr(owner, "__name__", None)
        if is_foreign and (inspect.isclass(value) or inspect.isroutine(value)):
            continue
        found.append(name)
    return found


def is_factory(value):
    """A function that makes an application rather than being one, as far as its parameters tell."""
    return inspect.isroutine(value) and takes(value, 2) is False and takes(value, 0) is True


def written_call(name, value):
    return "%s()" % name if is_factory(value) or name in FACTORIES else name
