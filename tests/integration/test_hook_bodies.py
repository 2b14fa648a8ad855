"""What hooks do with their arguments, read before anything runs: attributes that do not exist, and never a false alarm."""

import json
import re
import subprocess

import pytest

from config_check import Check
from raw_http import get
from server_process import PACKAGE, ROOT, read, wait_until

# Files whose hooks are right, or cannot be judged.
FINE = {
    "what_people_do": """
        import os
        def on_starting(server):
            server.log.info("%s %s", server.address, server.proc_name)
            server.cfg.set("keepalive", 3)
        def when_ready(server):
            server.log.info("%d workers of %s", server.num_workers, server.cfg.worker_class_str)
            for pid, worker in server.WORKERS.items():
                worker.anything
        def post_fork(server, worker):
            worker.log.info("%s %s %s", worker.pid, worker.age, worker.cfg.timeout)
            worker.alive = True
        def post_worker_init(worker):
            worker.app.callable.config["x"] = worker.wsgi
        def pre_request(worker, req):
            req.headers.append(("X-ID", req.path.upper()))
            req.scheme = "https"
        def post_request(worker, req, environ, resp):
            worker.log.info(environ.get("PATH_INFO"), resp.status_code, resp.headers[0], req.uri)
        def child_exit(server, worker):
            server.log.info("%s", worker.pid)
        def worker_exit(server, worker):
            server.log.warning("%s", worker.nr)
    """,
    "own_attributes": """
        import time
        def post_fork(server, worker):
            worker.started = time.time()
            setattr(worker, "requests", 0)
            worker.total = 0
        def pre_request(worker, req):
            worker.requests += 1
            worker.total += 1
            req.began = time.time() - worker.started
        def post_request(worker, req, environ, resp):
            worker.log.info("%s", req.began)
    """,
    "private_attributes_of_anybody": """
        def pre_request(worker, req):
            worker._memory_limit
    """,
    "asked_for": """
        def child_exit(server, worker):
            if hasattr(worker, "exitcode") and worker.exitcode:
                server.log.info("%s", worker.exitcode)
            if getattr(worker, "tracer", None):
                worker.tracer.stop()
            if "profiler" in dir(worker):
                worker.profiler.stop()
    """,
    "caught": """
        import contextlib
        def child_exit(server, worker):
            try:
                server.log.info(worker.exitcode)
            except AttributeError:
                pass
            try:
                describe(worker)
            except (KeyError, Exception) as error:
                server.log.info("%s", error)
            try:
                worker.tracer
            except:
                pass
            with contextlib.suppress(AttributeError):
                worker.finish()
            with contextlib.suppress:
                pass
        def describe(worker):
            return worker.exitcode
    """,
    "errors_by_another_name": """
        IGNORED = (AttributeError, OSError)
        def child_exit(server, worker):
            try:
                worker.exitcode
            except IGNORED:
                pass
    """,
    "bound_again": """
        def wrap(server):
            return server
        def when_ready(server):
            server = wrap(server)
            server.anything
        def child_exit(server, worker):
            for worker in []:
                worker.anything
        def on_exit(server):
            with open("x") as server:
                server.read()
    """,
    "shadowed": """
        def when_ready(server):
            names = [server.name for server in ()]
            key = lambda server: server.name
            def other(server):
                return server.name
    """,
    "asked_for_its_class": """
        def post_fork(server, worker):
            if isinstance(worker, tuple):
                worker.index(1)
    """,
    "namespaces_of_objects": """
        def post_fork(server, worker):
            vars(worker).update(color="red")
            worker.color
    """,
    "unknown_names_are_set": """
        def post_fork(server, worker):
            for name in ("color", "size"):
                setattr(worker, name, 1)
            worker.color
    """,
    "decorated": """
        def quietly(function):
            def call(server, worker):
                try:
                    function(server, worker)
                except Exception:
                    pass
            return call
        @quietly
        def child_exit(server, worker):
            worker.exitcode
        def _post_fork(server, worker):
            worker.exitcode
        post_fork = quietly(_post_fork)
    """,
    "replaced": """
        import os
        def _loud(server, worker):
            worker.exitcode
        child_exit = _loud
        print(child_exit)
        child_exit = lambda server, worker: None
    """,
    "no_hooks": """
        class Helper:
            def post_fork(self, worker):
                worker.exitcode
        def describe(worker):
            return worker.exitcode
        print(describe)
    """,
    "recursion": """
        def walk(server, depth):
            if depth:
                walk(server, depth - 1)
                again(server, depth)
        def again(server, depth):
            walk(server, depth - 1)
        def when_ready(server):
            walk(server, 2)
    """,
    "logger_of_the_file": """
        from gunicorn.glogging import Logger
        class Loud(Logger):
            def shout(self, text):
                self.info(text.upper())
        logger_class = Loud
        def when_ready(server):
            server.log.shout("ready")
    """,
    "renamed_parameters": """
        def when_ready(master):
            master.log.info("%s", master.pid)
        def pre_request(w, r):
            w.log.info(r.method)
        def post_request(worker, req):
            worker.log.info(req.path)
    """,
    "headers_made_a_dictionary": """
        def pre_request(worker, req):
            req.headers = dict(req.headers)
            req.headers.get("HOST")
    """,
    "annotated": """
        def post_fork(server: "Arbiter", worker: "Worker") -> None:
            log = server.log
            log.info("x")
    """,
    "tls": """
        def ssl_context(config, default_ssl_context_factory):
            context = default_ssl_context_factory()
            context.load_cert_chain(config.certfile, config.keyfile)
            return context
    """,
}


@pytest.mark.parametrize("name", FINE)
def test_hooks_without_mistakes_give_no_finding(tmp_path, name):
    check = Check(tmp_path, FINE[name].lstrip("\n"))
    hook_findings = [one for one in check.findings if one.code.startswith("GCF4")]
    assert hook_findings == [], check.stderr
    assert "Exception ignored" not in check.stderr


# text, line:column, hook, words of the message and help
WRONG = [
    ("def child_exit(server, worker):\n    worker.exitcode", "2:5", "child_exit", "worker.exitcode", "whenever a worker ends", "not told"),
    ("def pre_request(worker, req):\n    print(req.environ)", "2:11", "pre_request", "req.environ", "status 500", "req.headers"),
    ("def pre_fork(server, worker):\n    worker.id", "2:5", "pre_fork", "worker.id", "the master would stop", "worker.pid"),
    ("def when_ready(server):\n    server.workers", "2:5", "when_ready", "server.workers", "would not start", "server.num_workers"),
    ("def post_fork(server, worker):\n    worker.pids", "2:5", "post_fork", "worker.pids", "no worker", "did you mean worker.pid"),
    ("def on_starting(server):\n    server.cfg.wokers", "2:5", "on_starting", "server.cfg.wokers", "did you mean 'workers'?"),
    ("def on_starting(server):\n    server.cfg.log_level", "2:5", "on_starting", "'loglevel'"),
    ("def on_exit(server):\n    server.log.warn('x')", "2:5", "on_exit", "server.log.warn", "every stop", "use warning"),
    ("def worker_int(worker):\n    worker.log.infos('x')", "2:5", "worker_int", "worker.log.infos", "did you mean worker.log.info?"),
    ("def worker_abort(worker):\n    worker.cfg.keep_alive", "2:5", "worker_abort", "'keepalive'"),
    ("def pre_request(worker, req):\n    req.headers.get('X')", "2:5", "pre_request", "req.headers.get", "list of (NAME, value)"),
    ("def pre_request(worker, req):\n    req.path.startwith('/')", "2:5", "pre_request", "did you mean req.path.startswith?"),
    ("def post_request(worker, req, environ, resp):\n    environ.path", "2:5", "post_request", "environ.path", "every request"),
    ("def post_request(worker, req, env, response):\n    response.code", "2:5", "post_request", "response.code", "resp.status_code"),
    ("def post_request(worker, req):\n    req.url", "2:5", "post_request", "req.url", "use req.uri"),
    ("def worker_exit(server, worker):\n    é = worker.name", "2:9", "worker_exit", "worker.name"),
    ("def nworkers_changed(server, new, old):\n    server.count", "2:5", "nworkers_changed", "server.count", "master would stop"),
    ("post_fork = lambda server, worker: worker.ident", "1:36", "post_fork", "worker.ident"),
    ("def mine(server):\n    server.foo\nwhen_ready = mine", "2:5", "when_ready", "server.foo"),
    ("def mine(server):\n    server.foo\na = b = mine\nwhen_ready = b", "2:5", "when_ready", "server.foo"),
    (
        "from functools import partial\ndef tell(text, server):\n    server.foo\nwhen_ready = partial(tell, 'x')",
        "3:5",
        "when_ready",
        "server.foo",
    ),
    (
        "import functools\ntell = lambda text, server: server.foo\nwhen_ready = functools.partial(tell, 'x')",
        "2:29",
        "when_ready",
        "server.foo",
    ),
    ("def tell(w):\n    w.exitcode\ndef child_exit(server, worker):\n    tell(worker)", "2:5", "child_exit", "w.exitcode in tell()"),
    (
        "def deep(*, it):\n    it.foo\ndef tell(x, w):\n    deep(it=w)\ndef on_exit(server):\n    tell(1, server)",
        "2:5",
        "on_exit",
        "it.foo in deep()",
    ),
    ("def tell(log):\n    log.warn('x')\ndef on_exit(server):\n    tell(server.log)", "2:5", "on_exit", "log.warn in tell()"),
    ("def on_exit(server):\n    log = server.log\n    log.warn('x')", "3:5", "on_exit", "log.warn"),
    ("def on_exit(server):\n    if server.foo:\n        pass", "2:8", "on_exit", "server.foo"),
    ("def on_exit(server):\n    for each in server.foo or ():\n        pass", "2:17", "on_exit", "server.foo"),
    ("def on_exit(server):\n    [each for each in server.foo]", "2:23", "on_exit", "server.foo"),
    ("def on_exit(server):\n    if server.log:\n        pass\n    server.foo", "4:5", "on_exit", "server.foo"),
    ("import os\ndef on_exit(server):\n    print('%s %s' % (server, os.getpid()))\n    server.foo", "4:5", "on_exit", "server.foo"),
    ("from gunicorn.glogging import Logger\ndef on_exit(server):\n    server.foo", "3:5", "on_exit", "server.foo"),
    (
        "def maybe(server):\n    if server.pid:\n        tell(server)\n    tell(server)\ndef tell(server):\n    server.foo\non_exit = maybe",
        "6:5",
        "on_exit",
        "server.foo",
    ),
    ("def on_exit(server):\n    (server\n        .foo)", "3:10", "on_exit", "server.foo"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case[2] + ":" + case[3])
def test_an_attribute_that_does_not_exist_is_an_error_at_its_place(tmp_path, case):
    text, place, hook, *expected = case
    check = Check(tmp_path, text + "\n")
    found = [one for one in check.findings if one.name == "unknown-attribute"]
    assert len(found) == 1, check.stderr
    assert (found[0].place, found[0].setting, found[0].severity) == ("gunicorn.conf.py:" + place, hook, "error")
    for part in expected:
        assert part in "%s; %s" % (found[0].message, found[0].help)
    assert check.status == 1


# Code that may not run, and what other code may set: a finding, but nothing that stops a start.
MAY_NOT_RUN = [
    "def on_exit(server):\n    if server.log:\n        [server.foo for each in ()]",
    "def on_exit(server):\n    try:\n        server.foo\n    except (KeyError, OSError):\n        pass",
    "def on_exit(server):\n    try:\n        x = 1\n    except Exception:\n        server.foo",
    "def on_exit(server):\n    def later():\n        server.foo\n    later()",
    "if True:\n    def on_exit(server):\n        server.foo\nelse:\n    on_exit = None",
    "debug = False\ndef on_exit(server):\n    if debug:\n        server.foo",
    "def on_exit(server):\n    return\n    server.foo",
    "def on_exit(server):\n    if not server.pid:\n        return\n    server.foo",
    "import os\ndef on_exit(server):\n    os._exit(0)\n    server.foo",
    "import sys\ndef leave():\n    sys.exit()\ndef on_exit(server):\n    leave()\n    server.foo",
    "def on_exit(server):\n    server.pid > 1 and server.foo",
    "def on_exit(server):\n    print(server.foo if server.pid == 1 else 2)",
    "def on_exit(server):\n    0 < server.pid < server.foo",
    "def on_exit(server):\n    [pid for pid in () if server.foo]",
    "def on_exit(server):\n    while server.pid == 1:\n        server.foo",
    "def on_exit(server):\n    for each in ():\n        server.foo",
    "def on_exit(server):\n    with open('x'):\n        server.foo",
    "def on_exit(server):\n    assert server.foo",
    "def on_exit(server):\n    later = lambda: server.foo",
    "def on_exit(server):\n    yield server.foo",
    "def tell(server):\n    server.foo\ndef on_exit(server):\n    if server.pid == 1:\n        tell(server)",
    "def mine(server):\n    server.foo\non_exit = mine\ndef change():\n    global on_exit\n    on_exit = print",
    "def mine(server):\n    server.foo\nimport os\non_exit = mine if os.getenv('X') else os.close",
    "def on_exit(server):\n    if server.pid == 1:\n        server.reexec()",
]

MYHOOKS = """
from gunicorn.workers.sync import SyncWorker
SyncWorker.profiler = 1

def post_fork(server, worker):
    worker.profiler = 1

def start(worker):
    worker.profiler = 1
"""
READING = "def worker_exit(server, worker):\n    print(worker.profiler)\n"
SET_ELSEWHERE = [
    "from myhooks import post_fork\n" + READING,
    "from myhooks import *\n" + READING,
    "import myhooks\n" + READING,
    "from importlib import import_module\nimport_module('myhooks')\n" + READING,
    "post_fork = 'myhooks.post_fork'\n" + READING,
    "from threading import Thread\nimport myhooks\ndef post_fork(server, worker):\n"
    "    Thread(target=myhooks.start, args=(worker,)).start()\n" + READING,
    "def post_worker_init(worker):\n    worker.wsgi.start(worker)\n" + READING,
    "def post_worker_init(worker):\n    worker.wsgi.worker = worker\n" + READING,
    "def when_ready(server):\n    server.app.start(server.WORKERS.values())\n" + READING,
]


@pytest.mark.parametrize("text", MAY_NOT_RUN + SET_ELSEWHERE)
def test_an_attribute_that_may_be_set_or_never_be_read_is_a_warning(tmp_path, text):
    check = Check(tmp_path, text + "\n", modules={"myhooks.py": MYHOOKS})
    found = [one.severity for one in check.findings if one.code in ("GCF404", "GCF405")]
    assert found == ["warning"] and check.status == 0, check.stderr


def test_an_attribute_that_an_included_file_sets_is_there(tmp_path):
    check = Check(tmp_path, "include('myhooks.py')\n" + READING + "\n", modules={"myhooks.py": MYHOOKS})
    assert [one.code for one in check.findings if one.code in ("GCF404", "GCF405")] == [] and check.status == 0, check.stderr


def test_a_server_starts_when_another_file_sets_the_attribute(server, tmp_path):
    (tmp_path / "myhooks.py").write_text(MYHOOKS)
    (tmp_path / "conf.py").write_text(SET_ELSEWHERE[0])
    running = server("-c", "conf.py", "hello:app")
    assert get(running.address).status == 200


def test_an_error_that_is_wrong_can_be_ignored_by_option_and_by_comment(tmp_path):
    text = "def on_exit(server):\n    server.foo%s\n"
    assert Check(tmp_path, text % "").status == 1
    assert Check(tmp_path, text % "  # gunicorn: ignore[GCF404]").findings == []
    assert Check(tmp_path, text % "", "-c", "gunicorn.conf.py", "-W", "ignore=GCF404").findings == []
    lowered = Check(tmp_path, text % "", "-c", "gunicorn.conf.py", "-W", "warning=unknown-attribute")
    assert [one.severity for one in lowered.findings] == ["warning"] and lowered.status == 0


EXAMINING = """
import json, sys
from gunicorn._checks.examine import examine
findings, spans = examine(sys.stdin.buffer.read(), "x", ["workers", "child_exit"], [("child_exit", ("server", "worker"))])
json.dump([findings, spans], sys.stdout)
"""


def test_the_place_of_an_attribute_is_all_of_the_expression():
    source = "# coding: latin-1\ndef child_exit(server, worker):\n    x = 'é', worker.cfg.wokers\nworkers = 2\n"
    run = subprocess.run(
        ["/usr/bin/python3", "-c", EXAMINING],
        input=source.encode("latin-1"),
        capture_output=True,
        env={"PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=60,
        check=True,
    )
    (finding,), spans = json.loads(run.stdout)
    assert finding[:9] == ["attribute", "child_exit", 3, 14, 31, 0, "cfg", "worker.cfg", "wokers"]
    assert spans == [
        ["child_exit", 2, 2, 2, 5, 15, 0, 0, 0],
        ["workers", 4, 4, 4, 1, 8, 4, 11, 12],
    ]


@pytest.mark.parametrize(
    "arguments, certain",
    [
        ("", [True]),
        (", False", [False]),
        (", True, [b'x = 1']", [False]),
        (", False, [b'def post_fork(server, worker): worker.profiler = 1']", []),
        (", False, [b'def post_fork(server, worker): setattr(worker, \\'profiler\\', 1)']", []),
        (", False, [b'no python']", [False]),
    ],
)
def test_other_files_of_the_configuration_may_set_attributes(arguments, certain):
    code = EXAMINING.replace('("server", "worker"))]', '("server", "worker"))]' + arguments)
    run = subprocess.run(
        ["/usr/bin/python3", "-c", code],
        input=b"def child_exit(server, worker):\n    worker.profiler\n",
        capture_output=True,
        env={"PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=60,
        check=True,
    )
    assert [one[-1] for one in json.loads(run.stdout)[0]] == certain


def test_a_helper_of_two_hooks_is_told_once_and_where_it_is_called(tmp_path):
    text = """\
        def tell(worker):
            return worker.exitcode
        def child_exit(server, worker):
            tell(worker)
        def worker_exit(server, worker):
            tell(worker)
    """
    check = Check(tmp_path, text)
    assert [one.place for one in check.findings] == ["gunicorn.conf.py:2:12"]
    assert "called here: gunicorn.conf.py:" in check.stderr


@pytest.mark.parametrize(
    "text",
    [
        "import project\ndef post_fork(server, worker):\n    project.set_up(worker)\n    worker.tracer",
        "from project import Loud\nlogger_class = Loud\ndef when_ready(server):\n    server.log.shout('x')",
        "from project import Loud\nlogger_class = 'project.Loud'\ndef when_ready(server):\n    server.log.shout('x')",
    ],
)
def test_what_code_outside_of_the_file_may_set_is_a_warning(tmp_path, text):
    project = "from gunicorn.glogging import Logger\nclass Loud(Logger):\n    pass\ndef set_up(worker):\n    pass\n"
    check = Check(tmp_path, text + "\n", modules={"project.py": project})
    assert [(one.name, one.severity) for one in check.findings] == [("unknown-attribute", "warning")], check.stderr
    assert check.status == 0


def test_a_logger_class_of_the_command_line_may_have_more(tmp_path):
    project = "from gunicorn.glogging import Logger\nclass Loud(Logger):\n    def shout(self, text):\n        pass\n"
    text = "def when_ready(server):\n    server.log.shout('x')\n"
    arguments = ("-c", "gunicorn.conf.py", "--logger-class", "project.Loud")
    check = Check(tmp_path, text, *arguments, modules={"project.py": project})
    assert [(one.name, one.severity) for one in check.findings] == [("unknown-attribute", "warning")], check.stderr
    assert check.status == 0


MISSING = [("post_worker_init(worker)", "worker.wait_fds")]
MISSING += [("pre_request(worker, req)", "req." + name) for name in ("cfg", "limit_request_line", "max_buffer_headers")]
MISSING += [("post_request(worker, req, environ, resp)", "resp." + name) for name in ("cfg", "upgrade")]


@pytest.mark.parametrize("hook, expression", MISSING)
def test_an_attribute_of_gunicorn_that_is_missing_here_says_so(tmp_path, hook, expression):
    check = Check(tmp_path, "def %s:\n    %s\n" % (hook, expression))
    assert [(one.name, one.place) for one in check.findings] == [("missing-attribute", "gunicorn.conf.py:2:5")]
    assert "is not supported here yet" in check.findings[0].message and check.status == 1


PARAMETERS = {"server": "server", "worker": "server, worker", "req": "worker, req", "resp": "worker, req, environ, resp"}


@pytest.mark.parametrize("kind", ["server", "worker", "req", "resp", "cfg"])
def test_nothing_of_gunicorn_that_is_missing_is_called_unknown_or_a_slip(tmp_path, kind):
    hooks = {"server": "when_ready", "worker": "post_fork", "req": "pre_request", "resp": "post_request", "cfg": "when_ready"}
    what = "server.cfg" if kind == "cfg" else kind
    names = sorted(surface()["NOT_YET"][kind])
    body = "".join("    %s.%s\n" % (what, name) for name in names)
    check = Check(tmp_path, "def %s(%s):\n%s" % (hooks[kind], PARAMETERS.get(kind, "server"), body))
    assert [(one.name, one.severity) for one in check.findings] == [("missing-attribute", "error")] * len(names)
    for name, one in zip(names, check.findings):
        assert "reads %s.%s, which is not supported here yet" % (what, name) in one.message
        assert "does not exist" not in one.message and "did you mean" not in (one.help or "")


def test_what_does_the_same_as_a_missing_attribute_is_told(tmp_path):
    check = Check(tmp_path, "def when_ready(server):\n    server.spawn_worker()\n")
    assert check.findings[0].help == "set server.num_workers"
    check = Check(tmp_path, "def on_exit(server):\n    server.reload()\n")
    assert check.findings[0].help == "use server.signal(signal.SIGHUP)"


@pytest.mark.parametrize("depth", [50, 900, 3000])
def test_deeply_nested_expressions_do_not_break_the_check(tmp_path, depth):
    check = Check(tmp_path, "def on_exit(server):\n    return " + "not " * depth + "server.pid\n")
    assert "Exception ignored" not in check.stderr
    assert "unknown-attribute" not in [one.name for one in check.findings]


@pytest.mark.parametrize(
    "text, hook, form",
    [
        ("def post_fork(worker):\n    pass\n", "post_fork", "write it as def post_fork(server, worker)"),
        ("when_ready = lambda: None\n", "when_ready", "write it as def when_ready(server)"),
        ("def post_request(a, b, c, d, e):\n    pass\n", "post_request", "def post_request(worker, req, environ, resp)"),
    ],
)
def test_a_hook_with_the_wrong_parameters_is_told_the_form(tmp_path, text, hook, form):
    check = Check(tmp_path, text)
    assert [(one.setting, one.name) for one in check.findings] == [(hook, "wrong-arity")]
    assert form in check.findings[0].help
    assert check.status == 1


DUMPING = '''
import json

def dump(kind, thing):
    with open("surface-" + kind, "w") as out:
        settings = getattr(thing, "settings", ())
        json.dump([type(thing).__name__] + [name for name in dir(thing) if name not in settings], out)

def when_ready(server):
    dump("server", server)
    dump("cfg", server.cfg)
    dump("log", server.log)

def post_request(worker, req, environ, resp):
    dump("worker", worker)
    dump("req", req)
    dump("environ", environ)
    dump("resp", resp)
    dump("list", req.headers)
    dump("list-of-resp", resp.headers)
    dump("str", req.path)
'''


def surface():
    namespace = {}
    exec((PACKAGE / "gunicorn" / "_checks" / "surface.py").read_text(), namespace)
    return namespace


def test_the_surface_is_that_of_the_objects_of_a_running_server(server, tmp_path, worker_kind):
    (tmp_path / "conf.py").write_text(DUMPING)
    running = server("-c", "conf.py", *worker_kind, "hello:app")
    get(running.address)
    wait_until(lambda: read(tmp_path / "surface-str").endswith("]"), "the dump")
    table = surface()
    for kind, names in table["ATTRIBUTES"].items():
        type_name, *live = json.loads(read(tmp_path / ("surface-" + kind)))
        assert {name for name in names if name[0] != "_"} == {name for name in live if name[0] != "_"}, kind
        there_now = table["NOT_YET"].get(kind, frozenset()).intersection(live)
        assert not there_now, "they are supported now: move them from NOT_YET to ATTRIBUTES"
    assert json.loads(read(tmp_path / "surface-list-of-resp"))[0] == "list"
    assert set(table["NOT_YET"]) <= set(table["ATTRIBUTES"])
    settings = set(re.findall(r"^- name: (\w+)", (ROOT / "schema" / "settings.yaml").read_text(), re.M))
    assert not table["NOT_YET"]["cfg"] & settings
    for kind, name in [*table["MEMBERS"], *table["ADVICE"]]:
        assert kind in table["ATTRIBUTES"]
    assert all(name in table["ATTRIBUTES"][kind] for kind, name in table["MEMBERS"])
    assert not any(name in table["ATTRIBUTES"][kind] for kind, name in table["ADVICE"])


def test_every_hook_of_this_server_has_its_consequence():
    schema = (ROOT / "schema" / "settings.yaml").read_text()
    hooks = set(re.findall(r"^- name: (\w+)\n(?:(?!- name).*\n)*?  type: hook$", schema, re.M))
    assert {hook for hook in hooks if "dirty" not in hook} == set(surface()["CONSEQUENCES"])
