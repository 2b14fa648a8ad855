"""What --check-config says about the application: imported as a start does, and what is wrong with it located."""

import re
import textwrap

import pytest

SHOP = """\
import functools
import json


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"shop"]


def three(environ, start_response, extra):
    return []


async def late(environ, start_response):
    return []


async def asgi(scope, receive, send):
    pass


class Asgi:
    async def __call__(self, scope, receive, send):
        pass


class Plain:
    def __call__(self, environ, start_response):
        return []


class Static:
    @staticmethod
    def __call__(environ, start_response):
        return []


class Described:
    class Call:
        def __get__(self, instance, owner=None):
            return app

    __call__ = Call()


class OldStyle:
    def __init__(self, environ, start_response):
        pass

    def __iter__(self):
        return iter([b""])


class Methods:
    def serve(self, environ, start_response):
        return []


def decorated(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)

    return inner


@decorated
def wrapped(nobody, knows, what):
    return []


asgi_object = Asgi()
plain = Plain()
static = Static()
static_partial = functools.partial(Static())
described = Described()
method = Methods().serve
partial = functools.partial(three, extra=1)
unnamed = lambda environ, start_response: []
text = "abc"
nothing = None


def make(name):
    return app


def make_plain():
    return plain


def make_nothing():
    pass


def make_text():
    return "text"


async def make_late():
    return app


def make_failing():
    return json.loads("{")
"""


@pytest.fixture
def check(run, tmp_path):
    """Runs the check of an application beside the files that are given by name."""

    def command(uri, *arguments, cwd=None, **files):
        files.setdefault("shop", SHOP)
        for name, text in files.items():
            path = tmp_path / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return run("--check-config", *arguments, *([uri] if uri else []))

    return command


def only(ended):
    assert ended.status == 1, ended
    (found,) = ended.findings
    assert found.severity == "error" and "_checks" not in ended.stderr, ended
    return found


@pytest.mark.parametrize(
    "name, described",
    [
        ("shop:app", "shop:app, function in shop.py:5"),
        ("shop:plain", "shop:plain, Plain object in shop.py:%d"),
        ("shop:OldStyle", "shop:OldStyle, class in shop.py:%d"),
        ("shop:method", "shop:method, method in shop.py:%d"),
        ("shop:partial", "shop:partial, partial object in shop.py:%d"),
        ("shop:unnamed", "shop:unnamed, function in shop.py:%d"),
        ("shop:wrapped", "shop:wrapped, function in shop.py:%d"),
        ("shop:make('x')", "shop:make('x'), function in shop.py:5"),
        ("shop:make_plain()", "shop:make_plain(), Plain object in shop.py:%d"),
    ],
)
def test_an_application_that_loads_is_described_by_what_it_is_and_where(check, name, described):
    ended = check(name)
    assert ended.status == 0 and ended.findings == [], ended
    found = re.search(r"^application +(shop:.*?); imported in \d+\.\d{3} s, -?\d+\.\d MiB", ended.stdout, re.M)
    assert found, ended
    if "%d" in described:
        name_of_line = name.partition(":")[2].partition("(")[0]
        lines = [
            number
            for number, line in enumerate(SHOP.splitlines(), 1)
            if re.match(r"(def|class)? ?%s\b|    def serve" % name_of_line, line) and (name_of_line == "method") == ("serve" in line)
        ]
        if name_of_line == "wrapped":
            lines = [SHOP.splitlines().index("@decorated") + 1]
        assert found[1] in [described % line for line in lines], ended
    else:
        assert found[1] == described


def test_slow_imports_are_named_with_their_own_time(check):
    ended = check(
        "front:app",
        front="import back\nfrom shop import app\n",
        back="import time\nend = time.perf_counter() + 0.2\nwhile time.perf_counter() < end:\n    pass\n",
    )
    assert ended.status == 0, ended
    assert re.search(r"slowest imports: back 0\.\d+ s", ended.stdout), ended
    assert "front 0.2" not in ended.stdout, "time of what it imports is not its own"


def test_the_application_sees_no_trace_of_the_measurement(check):
    ended = check(
        "seen:app",
        seen="""
        import builtins, sys, traceback, warnings
        from shop import app
        import depth
        assert "_checks" not in "".join(traceback.format_stack()[1:]).split("import_app")[-1]
        assert builtins.__import__.__module__ == "builtins"
        assert all(finder.__module__.startswith("_frozen") for finder in sys.meta_path if isinstance(finder, type))
        try:
            import raises_inside
        except ValueError as error:
            names = [entry.filename for entry in traceback.extract_tb(error.__traceback__)]
            assert len(names) == 2, names
        """,
        depth="import sys\nassert '<frozen' in sys._getframe(1).f_code.co_filename\n",
        raises_inside="raise ValueError\n",
    )
    assert ended.status == 0, ended


@pytest.mark.parametrize("name", ["static", "static_partial", "described"])
def test_a_call_that_is_no_plain_function_is_not_judged(check, name):
    ended = check("shop:" + name)
    assert ended.status == 0 and ended.findings == [], ended


ASYNCHRONOUS = [("late", "a coroutine function"), ("asgi", "an ASGI application"), ("asgi_object", "an ASGI application (Asgi object)")]


@pytest.mark.parametrize("name, what", ASYNCHRONOUS)
def test_an_asynchronous_application_is_an_error_where_it_is_defined(check, name, what):
    found = only(check("shop:" + name))
    assert found.name == "asynchronous-application"
    assert found.place.startswith("shop.py:") and what in found.message


@pytest.mark.parametrize(
    "name, help",
    [
        ("three", None),
        ("make_plain", "'shop:make_plain()'"),
        ("Plain", "name an instance: 'shop:Plain()'"),
        ("make", None),
    ],
)
def test_what_cannot_take_environ_and_start_response_is_an_error(check, name, help):
    found = only(check("shop:" + name))
    assert found.name == "wrong-application-signature" and found.place.startswith("shop.py:")
    assert help is None or help in found.help


@pytest.mark.parametrize(
    "uri, name, message, help",
    [
        ("shop", "no-such-application", "Failed to find attribute 'application' in 'shop'.", "did you mean 'shop:app'?"),
        ("shop:ap", "no-such-application", "'ap'", "did you mean 'shop:app'?"),
        ("shop:make_plian()", "no-such-application", "'make_plian'", "did you mean 'shop:make_plain()'?"),
        ("shop:plain.missing", "no-such-application", "'missing'", None),
        ("shop:1+", "no-such-application", "Failed to parse '1+'", None),
        ("shop:text", "application-not-callable", "'text' is a str object", None),
        ("shop:nothing", "application-not-callable", "'nothing' is None", None),
        ("shop:make()", "bad-factory-call", "missing 1 required positional argument: 'name'", "it is make(name)"),
        ("shop:make(1, 2)", "bad-factory-call", "takes 1 positional argument but 2 were given", "it is make(name)"),
        ("shop:make(x)", "bad-factory-call", "as literal values", None),
        ("shop:make_nothing()", "bad-factory-call", "make_nothing() returned None", "has to return"),
        ("shop:make_text()", "bad-factory-call", "returned what cannot be called", None),
        ("shop:make_late()", "bad-factory-call", "returned what cannot be called", "coroutine function"),
        ("shop:text()", "bad-factory-call", "'str' object is not callable", None),
        ("sop:app", "application-failed", "No module named 'sop'", "did you mean 'shop:app'?"),
        ("shop.wsgi:app", "application-failed", "No module named 'shop.wsgi'", "which is no package"),
        ("shop.py:app", "application-failed", "'shop.py' is a file", "did you mean 'shop:app'?"),
        ("./shop:app", "application-failed", "is a path", None),
        ("hidden:app", "application-failed", "No module named 'hidden'", "set chdir or pythonpath to that folder"),
        ("project.wsgy:app", "application-failed", "No module named 'project.wsgy'", "did you mean 'project.wsgi:app'?"),
    ],
)
def test_what_was_named_wrongly_is_located_where_it_was_named(check, uri, name, message, help):
    found = only(check(uri, source__hidden="app = None\n", project____init__="", project__wsgi="from shop import app\n"))
    assert (found.name, found.place) == (name, "command line")
    assert message in found.message
    assert help is None or help in (found.help or ""), found.help


def test_wsgi_app_is_the_place_when_it_named_the_application(check):
    found = only(check("", "-c", "conf.py", conf="workers = 1\nwsgi_app = 'shop:ap'\n"))
    assert (found.name, found.line, found.help) == ("no-such-application", "conf.py:2", "did you mean 'shop:app'?")


@pytest.mark.parametrize(
    "text, place, message, help",
    [
        ("x = 1\nimport no_such_thing.deeper\n", "2:1", "No module named 'no_such_thing'", "no_such_thing"),
        ("from shop import nothing_there\n", "1:1", "cannot import name 'nothing_there' from 'shop'", None),
        ("def f():\n    import os\n    return os.environ['DB_URL']\nf()\n", "3:12", "KeyError: 'DB_URL'", "DB_URL is not set"),
        ("import json\nname = 'é'; json.loads('{')\n", "2:13", "JSONDecodeError", None),
        ("def f(:\n", "1:7", "SyntaxError: invalid syntax", None),
        ("if True:\n  x = 1\n    y = 2\n", "3:", "IndentationError", None),
        ("x = ['\n", "1:", "SyntaxError", None),
        ("def f():\n    f()\nf()\n", "2:5", "RecursionError", None),
        ("raise KeyboardInterrupt\n", "1:1", "KeyboardInterrupt", None),
        ("class Own(BaseException):\n    pass\nraise Own('x' * 10**6)\n", "3:1", "Own: xxx", None),
    ],
)
def test_what_the_application_raises_is_located_in_the_users_file(check, text, place, message, help):
    ended = check("bad:app", bad=text)
    found = only(ended)
    assert found.name == "application-failed"
    assert found.place.startswith("bad.py:" + place), found.place
    said = "%s: %s" % (found.setting, found.message)  # the name of the exception is read as that of a setting
    assert message in said and (help is None or help in found.help)
    assert "the application is named here: command line" in ended.stderr
    assert len(ended.stderr) < 20000


@pytest.mark.parametrize("call", ["import sys; sys.exit(9)", "import os; os._exit(0)", "raise SystemExit('no')", "exit()"])
def test_an_application_that_ends_the_process_is_located_and_exit_1(check, call):
    found = only(check("ends:app", ends="x = 1\n%s\n" % call))
    assert (found.name, found.line) == ("application-exited", "ends.py:2")


def test_a_factory_that_raises_is_located_in_it(check):
    ended = check("shop:make_failing()")
    assert only(ended).line == "shop.py:%d" % (SHOP.splitlines().index('    return json.loads("{")') + 1)
    assert re.search(r"^  \.\.\. \d+ frames? in json$", ended.stderr, re.M), ended


def test_the_traceback_shows_only_frames_of_the_user(check):
    ended = check("outer:app", outer="import inner\n", inner="def f():\n    raise ValueError('reason')\nf()\n")
    frames = re.findall(r'^  File "(.*)", line (\d+), in (\S+)$', ended.stderr, re.M)
    assert [(path.rpartition("/")[2], line, name) for path, line, name in frames] == [
        ("outer.py", "1", "<module>"),
        ("inner.py", "3", "<module>"),
        ("inner.py", "2", "f"),
    ]
    assert "importlib" not in ended.stderr and "import_app" not in ended.stderr


def test_the_cause_of_an_exception_is_shown_too(check):
    text = "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('second') from error\n"
    ended = check("bad:app", bad=text)
    assert ended.stderr.index("ZeroDivisionError: division by zero") < ended.stderr.index("direct cause"), ended
    assert only(ended).line == "bad.py:4"


def test_files_are_shown_from_where_the_check_was_started(check):
    found = only(check("bad:app", "--chdir", "inner", inner__bad="1 / 0\n"))
    assert found.line == "inner/bad.py:1"
