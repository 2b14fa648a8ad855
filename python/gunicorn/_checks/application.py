"""Imports an application as a start does, and says what is wrong with it and where. The native core calls inspect()."""

import difflib
import os
import sys
import time
from typing import NamedTuple, Optional

from gunicorn import util
from gunicorn._checks import callables, failures
from gunicorn._checks.exits import LocatedExits
from gunicorn._checks.imports import ImportTimer
from gunicorn.errors import AppImportError

# Worker classes that call an application as PEP 3333 says; others may have a protocol of their own.
WSGI_WORKERS = frozenset("gunicorn.workers." + name for name in ("sync", "gthread", "ggevent", "geventlet"))
USUAL_NAMES = ("app", "application", "wsgi", "wsgi_app")
MOST_FOLDERS = 100  # that are searched for a module which is not on the path


class Finding(NamedTuple):
    """What the native core makes a diagnostic of."""

    name: str  # of the code in schema/diagnostics.yaml
    message: str
    place: Optional[tuple] = None  # (file, line, column, end column); None is where the application was named
    help: str = ""
    note: Optional[tuple] = None  # (text, (file, line))


def inspect(application, uri, folder):
    """(description, seconds, KiB before, KiB after, [(module, seconds)], traceback, [Finding]) of the application that
    `application.wsgi()` loads. `uri` is how it was named; empty for one of a paste file. Files below `folder` are shown
    relative to it.
    """
    spec = Spec(uri or str(application.cfg.paste), is_paste=not uri)
    before = resident()
    begin = time.perf_counter()
    failure = app = None
    with LocatedExits(), ImportTimer() as imports:
        try:
            app = application.wsgi()
        except BaseException as error:  # SystemExit and whatever else ends programs
            failure = error
    seconds = time.perf_counter() - begin
    after = resident()
    findings, shown = [], ""
    if failure is None:
        findings = judged(app, spec, application.cfg.worker_class)
    else:
        findings = [explained(failure, spec)]
        if findings[0].place and not isinstance(failure, (SyntaxError, SystemExit)):
            shown = failures.user_traceback(failure, spec.package)
    description = "" if failure is not None else described(app, spec, folder)
    return description, seconds, before, after, imports.slowest(), shown, [shortened_places(one, folder) for one in findings]


def resident():
    """Memory of this process in KiB."""
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


class Spec:
    """The parts of `module:name`, `module:factory(literals)`, or the file of a paste application."""

    def __init__(self, text, is_paste):
        self.text = text
        self.is_paste = is_paste
        self.module, _, self.expression = text.partition(":")
        self.expression = self.expression or "application"
        self.package = None if is_paste else self.module.partition(".")[0]
        self.is_call = "(" in self.expression

    def path(self):
        """The names behind the colon; empty when they are no names."""
        try:
            return [] if self.is_paste else util._parse_spec(self.expression)[0]
        except AppImportError:
            return []

    def walk(self):
        """(object, name in it) as far as the names behind the colon lead; the last name may be missing."""
        owner = sys.modules.get(self.module)
        path = self.path()
        for name in path[:-1]:
            if not hasattr(owner, name):
                return owner, name
            owner = getattr(owner, name)
        return owner, path[-1] if path else ""


# An application that did not load.


def explained(error, spec):
    if isinstance(error, SystemExit):
        return Finding(
            "application-exited",
            "the application ended the process with %s while it was imported" % exit_words(error),
            failures.place(error, spec.package),
        )
    if isinstance(error, AppImportError) and not spec.is_paste:
        return unusable(error, spec)
    is_started = spec.is_paste or spec.module in sys.modules or failures.user_entries(error, spec.package)
    if isinstance(error, Exception) and not is_started and not isinstance(error, SyntaxError):
        return not_found(error, spec)
    message = failures.summary(error)
    return Finding("application-failed", message, failures.place(error, spec.package), failures.hint(error))


def exit_words(error):
    if error.code is None or isinstance(error.code, int):
        return "status %d" % (error.code or 0)
    return "the message %r" % failures.cut(str(error.code))


def not_found(error, spec):
    """The module of the application itself cannot be found."""
    name = spec.module
    help = ""
    if name.endswith(".py") and os.path.exists(name):
        message = "'%s' is a file; an application is named by its module" % name
        help = "did you mean '%s:%s'?" % (name[:-3].replace("/", "."), spec.expression)
    elif "/" in name:
        message = "'%s' is a path; an application is named by its module" % name
        help = "did you mean '%s:%s'?" % (name.strip("/").replace("/", "."), spec.expression)
    else:
        message = failures.summary(error).partition(": ")[2]
        if isinstance(error, ModuleNotFoundError) and (name + ".").startswith((error.name or name) + "."):
            help = place_of_module(error.name or name, spec)
    return Finding("application-failed", message, None, help)


def place_of_module(missing, spec):
    """Where the module may be meant to be."""
    parent, _, last = missing.rpartition(".")
    rest = spec.text[len(missing) :]
    package = sys.modules.get(parent)
    if parent and not hasattr(package, "__path__"):
        return "'%s' is %s, which is no package" % (parent, getattr(package, "__file__", "built in"))
    folders = list(package.__path__) if parent else [path or "." for path in sys.path if failures.library_of(path + "/x") is None]
    known = sorted({name for folder in folders for name in modules_in(folder)})
    close = difflib.get_close_matches(last, known, 1, 0.6)
    if close:
        return "did you mean '%s%s%s'?" % (parent + "." * bool(parent), close[0], rest)
    if not parent:
        for folder in subfolders(os.getcwd()):
            if last in modules_in(folder):
                return "it is in %s: set chdir or pythonpath to that folder" % folder
    return "it was looked for in %s; chdir and pythonpath say where else it may be" % ", ".join(folders[:3])


def modules_in(folder):
    """Names of the modules and packages that lie in a folder."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                stem, extension = os.path.splitext(entry.name)
                if extension == ".py" and stem.isidentifier():
                    yield stem
                elif entry.name.isidentifier() and os.path.exists(os.path.join(entry.path, "__init__.py")):
                    yield entry.name
    except OSError:
        return


def subfolders(folder):
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))[:MOST_FOLDERS]
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if os.path.isdir(os.path.join(folder, name))]


def unusable(error, spec):
    """The module is there, but what is named in it is no application. import_app said so."""
    message = str(error)
    path = spec.path()
    if not path:
        return Finding("bad-factory-call" if spec.is_call else "no-such-application", message)
    owner, name = spec.walk()
    if not hasattr(owner, name):
        source = getattr(sys.modules.get(spec.module), "__file__", None)
        note = ("the module is this file", (source, 0)) if source else None
        return Finding("no-such-application", message, None, meant(owner, name, spec), note)
    value = getattr(owner, name)
    bound = callables.binding(owner, name) if len(path) == 1 else None
    if spec.is_call:
        return bad_call(error, spec, value)
    note = ("'%s' is bound here" % name, bound) if bound else None
    if value is None:
        message += " is None"
    else:
        message = "%s, and '%s' is a %s" % (message.rstrip("."), name, callables.kind_name(value))
    return Finding("application-not-callable", message, None, "", note)


def meant(owner, missing, spec):
    """Which application of the module may be meant."""
    known = callables.candidates(owner)
    close = difflib.get_close_matches(missing, known, 1, 0.6)
    usual = [*USUAL_NAMES, *callables.FACTORIES]
    for name in [*usual, *close] if missing in usual else [*close, *usual]:
        if name in known:
            prefix = spec.text.partition(":")[0] + ":" + "".join(part + "." for part in spec.path()[:-1])
            return "did you mean '%s%s'?" % (prefix, callables.written_call(name, getattr(owner, name)))
    if known:
        return "what can be called there: %s" % ", ".join(known[:8])
    return "nothing that can be called is defined there"


def bad_call(error, spec, factory):
    """The factory cannot be called like that, or gave no application."""
    written = spec.expression
    name = spec.path()[-1]
    defined = callables.definition(factory)
    note = ("the factory is defined here", defined) if defined else None
    if isinstance(error.__cause__, TypeError):
        message = failures.summary(error.__cause__).partition(": ")[2]
        return Finding("bad-factory-call", message, None, "it is %s%s" % (name, callables.written_signature(factory)), note)
    if not callable(factory):
        return Finding("bad-factory-call", "'%s' is a %s" % (name, callables.kind_name(factory)), None, "", note)
    if "callable" not in str(error):
        return Finding("bad-factory-call", "%s returned None" % written, None, "it has to return the application", note)
    return Finding("bad-factory-call", "%s returned what cannot be called" % written, None, coroutine_help(factory), note)


def coroutine_help(factory):
    return "it is a coroutine function, which nothing awaits; write it as def" if callables.is_asynchronous(factory) else ""


# An application that loaded.


def judged(app, spec, worker_class):
    """What makes every request fail, as far as that is certain."""
    if worker_class.__module__ not in WSGI_WORKERS:
        return []
    try:
        return list(judgements(app, spec))
    except Exception:  # objects may answer any question with an exception; then nothing is certain
        return []


def judgements(app, spec):
    defined = callables.definition(app if callables.inspect.isroutine(app) or callables.inspect.isclass(app) else type(app).__call__)
    place = (*defined, 0, 0) if defined and failures.library_of(defined[0], spec.package) is None else None
    if callables.is_asynchronous(app):
        yield Finding(
            "asynchronous-application",
            "'%s' is %s, not a WSGI application: every request would fail" % (spec.text, callables.asynchronous_kind(app)),
            place,
            "wrap it (a2wsgi.ASGIMiddleware), or serve it by a worker class for ASGI",
        )
    elif callables.takes(app, 2) is False:
        yield Finding(
            "wrong-application-signature",
            "'%s' takes %s, not (environ, start_response): every request would fail"
            % (spec.text, callables.written_signature(app)),
            place,
            signature_help(app, spec),
        )


def signature_help(app, spec):
    if callables.is_factory(app):
        return "it looks like a factory: name the application as '%s:%s()'" % (spec.module, spec.expression)
    if spec.expression in callables.FACTORIES:
        return "it looks like a factory: name the application as '%s:%s(...)' with literals" % (spec.module, spec.expression)
    if callables.inspect.isclass(app) and callables.takes(app.__call__, 3) and callables.takes(app, 0):
        return "a class is called for each request; name an instance: '%s:%s()'" % (spec.module, spec.expression)
    return ""


def described(app, spec, folder):
    """"app:app, function in app.py:12"."""
    try:
        where = callables.definition(app)
        owner, name = spec.walk() if not spec.is_paste else (None, "")
        if where is None and spec.path()[1:] == [] and not spec.is_call:
            where = callables.binding(owner, name)
        if spec.is_call:
            factory = callables.definition(getattr(owner, name))
            where = where or factory
        text = "%s, %s" % (spec.text, callables.kind_name(app))
        return "%s in %s:%d" % (text, shortened(where[0], folder), where[1]) if where else text
    except Exception:  # as above
        return spec.text


def shortened(path, folder):
    """Relative where the file lies below the folder."""
    path = os.path.abspath(path)
    start = os.path.join(folder, "")
    return path[len(start) :] if path.startswith(start) else path


def shortened_places(finding, folder):
    place, note = finding.place, finding.note
    if place:
        place = (shortened(place[0], folder), *place[1:])
    if note:
        note = (note[0], (shortened(note[1][0], folder), *note[1][1:]))
    return finding._replace(place=place, note=note)
