"""Helpers that applications, hooks and embedders import from gunicorn.util."""

import importlib
import keyword
import os
import sys
import traceback

from gunicorn.errors import AppImportError

__all__ = ["getcwd", "import_app", "load_class"]


def getcwd():
    """The working directory, by its logical name ($PWD) where that is the same directory."""
    cwd = os.getcwd()
    pwd = os.environ.get("PWD")
    try:
        if pwd and os.path.samefile(pwd, cwd):
            return pwd
    except OSError:
        pass
    return cwd


def load_class(uri, default="gunicorn.workers.sync.SyncWorker", section="gunicorn.workers"):
    """A class by itself, by dotted path, by `egg:gunicorn#name` or by one of the short names.

    Raises RuntimeError with the reason when there is no such class.
    """
    if isinstance(uri, type):
        return uri
    name = uri
    if name.startswith("egg:"):
        distribution, _, entry = name[4:].partition("#")
        if distribution != "gunicorn":
            return _entry_point(uri, distribution, section, entry or "main")
        name = entry or default
    name = name.lstrip("#")
    if "." not in name:
        from gunicorn.glogging import SHORT_NAMES as loggers
        from gunicorn.workers import SUPPORTED_WORKERS as workers

        known = workers if section == "gunicorn.workers" else loggers
        if name not in known:
            raise RuntimeError("class uri %r invalid or not found" % (uri,))
        name = known[name]
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise RuntimeError("class uri %r invalid or not found: %s" % (uri, error)) from error


def _entry_point(uri, distribution, section, name):
    """What an installed distribution declares under `name`."""
    from importlib import metadata

    try:
        found = [one for one in metadata.distribution(distribution).entry_points if (one.group, one.name) == (section, name)]
        return found[0].load()
    except (metadata.PackageNotFoundError, IndexError, ImportError, AttributeError) as error:
        raise RuntimeError("class uri %r invalid or not found: %r" % (uri, error)) from error


def _called_with_literals(call, spec):
    """Positional and keyword arguments of `factory(...)`, which must all be literals."""
    import ast

    try:
        args = [ast.literal_eval(argument) for argument in call.args]
        kwargs = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    except ValueError:
        raise AppImportError("Failed to parse arguments as literal values: %r" % spec) from None
    if None in kwargs:
        raise AppImportError("Failed to parse arguments as literal values: %r" % spec)
    return args, kwargs


def _parse_spec(spec):
    """(attribute path, args, kwargs) of the part behind the colon; args is None without a call."""
    names = spec.split(".")
    # Plain names are told without `ast`, which costs a start two milliseconds.
    if spec.isascii() and all(name.isidentifier() and not keyword.iskeyword(name) for name in names):
        return names, None, None
    import ast

    try:
        expression = ast.parse(spec, mode="eval").body
    except SyntaxError:
        raise AppImportError("Failed to parse %r as an attribute name or function call." % spec) from None
    args = kwargs = None
    if isinstance(expression, ast.Call):
        args, kwargs = _called_with_literals(expression, spec)
        expression = expression.func
    path = []
    while isinstance(expression, ast.Attribute):
        path.insert(0, expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        raise AppImportError("Failed to parse %r as an attribute name or function call." % spec)
    return [expression.id] + path, args, kwargs


def import_app(module):
    """The WSGI callable that `MODULE[:NAME]` or `MODULE:FACTORY(literals)` names; NAME defaults to `application`.

    Raises AppImportError when the module has no such callable; whatever the module raises at import passes through.
    """
    name, _, spec = module.partition(":")
    spec = spec or "application"
    try:
        loaded = importlib.import_module(name)
    except ImportError:
        if name.endswith(".py") and os.path.exists(name):
            raise ImportError(
                "Failed to find application, did you mean '%s:%s'?" % (name.rsplit(".", 1)[0], spec)
            ) from None
        raise

    path, args, kwargs = _parse_spec(spec)
    app = loaded
    for part in path:
        try:
            app = getattr(app, part)
        except AttributeError:
            raise AppImportError("Failed to find attribute %r in %r." % (part, name)) from None
    if args is not None:
        try:
            app = app(*args, **kwargs)
        except TypeError as error:
            # A wrong call, not an error inside of the factory: only our frame is in the traceback.
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                raise AppImportError("".join(traceback.format_exception_only(TypeError, error)).strip()) from error
            raise
    if app is None:
        raise AppImportError("Failed to find application object: %r" % spec)
    if not callable(app):
        raise AppImportError("Application object must be callable.")
    return app


def _setproctitle(title):
    """Names the process "gunicorn: TITLE" where the setproctitle module is installed; else argv stays as it is."""
    try:
        from setproctitle import setproctitle
    except ImportError:
        return
    setproctitle("gunicorn: %s" % title)


def _stack_of_thread(ident):
    """What a thread is doing, as lines of a traceback; empty when there is no such thread."""
    frame = sys._current_frames().get(ident)
    return "".join(traceback.format_stack(frame)) if frame else ""


def _original_command():
    """The words by which this process was started, the absolute path of its Python first."""
    words = getattr(sys, "orig_argv", None) or [sys.executable, "-m", "gunicorn", *sys.argv[1:]]  # before 3.10
    return [sys.executable, *words[1:]]
