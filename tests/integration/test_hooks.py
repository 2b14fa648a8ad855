"""Hooks: which is called when, in which process, with what; and what happens when one fails."""

import json
import os
import signal

import pytest

from raw_http import Connection, Truncated, get, request_bytes
from server_process import is_running, read, wait_until

# Every hook notes its call as a line of JSON.
RECORDING = '''
import json, os

def note(hook, **facts):
    facts.update(hook=hook, pid=os.getpid())
    with open("calls", "a") as calls:
        calls.write(json.dumps(facts) + "\\n")

def about_server(server):
    return dict(server=type(server).__name__, server_pid=server.pid, num_workers=server.num_workers,
                workers=sorted(server.WORKERS), listeners=[str(one) for one in server.LISTENERS],
                has=[name for name in ("log", "cfg", "app", "address", "proc_name", "timeout", "worker_class", "worker_age",
                                       "master_pid", "reexec_pid") if hasattr(server, name)])

def about_worker(worker):
    return dict(worker=type(worker).__name__, worker_pid=worker.pid, age=worker.age, ppid=worker.ppid,
                has_worker=[name for name in ("nr", "alive", "aborted", "booted", "log", "cfg", "app", "wsgi", "sockets",
                                              "timeout", "max_requests") if hasattr(worker, name)])

def on_starting(server):
    note("on_starting", **about_server(server))

def when_ready(server):
    note("when_ready", **about_server(server))

def nworkers_changed(server, new_value, old_value):
    note("nworkers_changed", new=new_value, old=old_value, is_server=type(server).__name__)

def pre_fork(server, worker):
    note("pre_fork", **about_server(server), **about_worker(worker))

def post_fork(server, worker):
    note("post_fork", **about_server(server), **about_worker(worker))

def post_worker_init(worker):
    note("post_worker_init", callable=callable(worker.wsgi), **about_worker(worker))

def worker_int(worker):
    note("worker_int", **about_worker(worker))

def worker_abort(worker):
    note("worker_abort", **about_worker(worker))

def worker_exit(server, worker):
    note("worker_exit", nr=worker.nr, **about_server(server), **about_worker(worker))

def child_exit(server, worker):
    note("child_exit", **about_server(server), **about_worker(worker))

def on_exit(server):
    note("on_exit", **about_server(server))

def on_reload(server):
    note("on_reload")

def pre_exec(server):
    note("pre_exec")

def pre_request(worker, req):
    note("pre_request", method=req.method, uri=req.uri, path=req.path, query=req.query, version=list(req.version),
         headers=req.headers, scheme=req.scheme, fragment=req.fragment, peer=req.peer_addr, **about_worker(worker))

def post_request(worker, req, environ, resp):
    facts = dict(method=req.method, path=environ.get("PATH_INFO"), worker_pid=worker.pid, resp=None)
    if resp is not None:
        facts["resp"] = dict(status=resp.status, code=resp.status_code, headers=resp.headers, sent=resp.sent,
                             length=resp.response_length, headers_sent=resp.headers_sent)
    note("post_request", **facts)
'''


class Calls:
    def __init__(self, folder):
        self.path = folder / "calls"

    def all(self):
        return [json.loads(line) for line in read(self.path).splitlines()]

    def of(self, *hooks):
        return [call for call in self.all() if call["hook"] in hooks]

    def wait_for(self, hook, count=1):
        return wait_until(
            lambda: self.of(hook) if len(self.of(hook)) >= count else None,
            lambda: "%d x %s in %s" % (count, hook, [call["hook"] for call in self.all()]),
        )


@pytest.fixture
def calls(tmp_path):
    return Calls(tmp_path)


@pytest.fixture
def configured(server, tmp_path):
    """Starts a server with this config file."""

    def start(text, *arguments, app="hello:app", launch=False, **options):
        (tmp_path / "conf.py").write_text(text)
        make = server.launch if launch else server
        return make("-c", "conf.py", *arguments, app, **options)

    return start


def recording(*hooks):
    """The recording config with these hooks alone."""
    head, *functions = RECORDING.split("\ndef ")
    wanted = ("note(", "about_server(", "about_worker(") + tuple(hook + "(" for hook in hooks)
    return "\ndef ".join([head] + [function for function in functions if function.startswith(wanted)])


# order, process, objects


def test_the_hooks_of_a_life_are_called_in_order_and_in_the_right_process(configured, calls, worker_kind):
    running = configured(RECORDING, *worker_kind)
    master = running.pid
    assert get(running.address, "/a%20b?q").status == 200
    calls.wait_for("post_request")
    assert running.stop() == 0
    (worker,) = running.boots()
    assert [(call["hook"], call["pid"]) for call in calls.all()] == [
        ("nworkers_changed", master),
        ("on_starting", master),
        ("when_ready", master),
        ("pre_fork", master),
        ("post_fork", worker),
        ("post_worker_init", worker),
        ("pre_request", worker),
        ("post_request", worker),
        ("worker_exit", worker),
        ("child_exit", master),
        ("on_exit", master),
    ]


def test_the_server_object_shows_the_master(configured, calls):
    running = configured(RECORDING, "--workers", "2")
    running.wait_for_workers(2)
    calls.wait_for("post_worker_init", 2)
    assert running.stop() == 0
    for call in calls.all():
        assert call.get("server", "Arbiter") == "Arbiter"
        assert call.get("server_pid", running.pid) == running.pid
        assert call.get("num_workers", 2) == 2
        if "has" in call:
            assert len(call["has"]) == 10, call
    assert calls.of("on_starting")[0]["workers"] == [] and calls.of("when_ready")[0]["workers"] == []
    assert calls.of("when_ready")[0]["listeners"] == ["http://127.0.0.1:%d" % running.address[1]]
    first, second = calls.of("pre_fork")
    assert first["workers"] == [] and second["workers"] in ([pid] for pid in running.boots())
    assert calls.of("on_exit")[0]["workers"] == []


def test_the_worker_object_shows_the_worker(configured, calls, worker_kind):
    running = configured(RECORDING, *worker_kind)
    get(running.address)
    calls.wait_for("post_request")
    assert running.stop() == 0
    (worker,) = running.boots()
    assert calls.of("pre_fork")[0]["worker_pid"] == "[booting]"
    for hook in ("post_fork", "post_worker_init", "pre_request", "worker_exit", "child_exit"):
        (call,) = calls.of(hook)
        assert (call["worker_pid"], call["ppid"], call["age"]) == (worker, running.pid, 1), hook
        assert len(call["has_worker"]) == 11, call
        assert call["worker"] == ("ThreadWorker" if "gthread" in worker_kind else "SyncWorker")
    assert calls.of("post_worker_init")[0]["callable"] is True
    assert calls.of("worker_exit")[0]["nr"] == 1


def test_ages_of_workers_go_up(configured, calls):
    running = configured(recording("pre_fork"), "--workers", "2")
    running.wait_for_workers(2)
    running.send_signal(signal.SIGTTIN)
    running.wait_for_workers(3)
    assert [call["age"] for call in calls.of("pre_fork")] == [1, 2, 3]


def test_nworkers_changed_is_called_at_start_and_with_every_change(configured, calls):
    running = configured(recording("nworkers_changed"), "--workers", "2")
    running.wait_for_workers(2)
    running.send_signal(signal.SIGTTIN)
    calls.wait_for("nworkers_changed", 2)
    running.send_signal(signal.SIGTTOU)
    calls.wait_for("nworkers_changed", 3)
    assert [(call["new"], call["old"]) for call in calls.all()] == [(2, None), (3, 2), (2, 3)]


def test_the_request_object_shows_the_request(configured, calls, worker_kind):
    running = configured(recording("pre_request"), *worker_kind)
    with Connection(running.address) as connection:
        connection.get("/a%20b?q=1", [("X-Mixed-Case", "v")])
        peer = list(connection.sock.getsockname())
    (call,) = calls.wait_for("pre_request")
    assert (call["method"], call["uri"], call["path"], call["query"]) == ("GET", "/a%20b?q=1", "/a%20b", "q=1")
    assert (call["version"], call["scheme"], call["fragment"]) == ([1, 1], "http", "")
    assert ["X-MIXED-CASE", "v"] in call["headers"]
    assert call["peer"] == peer


def test_post_request_sees_what_was_answered(configured, calls, worker_kind):
    running = configured(recording("post_request"), *worker_kind, app="kinds:app")
    with Connection(running.address) as connection:
        for target in ("/declared-length", "/generator", "/no-content", "/rest-of-file", "/write-calls"):
            connection.get(target)
    answers = [call["resp"] for call in calls.wait_for("post_request", 5)]
    assert [(answer["status"], answer["code"]) for answer in answers] == [
        ("200 OK", 200), ("200 OK", 200), ("204 No Content", 204), ("200 OK", 200), ("200 OK", 200),
    ]  # fmt: skip
    assert [answer["sent"] for answer in answers] == [5, 35, 0, 10, 18]
    assert answers[0]["length"] == 5 and answers[1]["length"] is None
    assert ["Content-Length", "5"] in answers[0]["headers"]
    assert all(answer["headers_sent"] is True for answer in answers)


def test_post_request_is_called_after_a_failure_too(configured, calls, worker_kind):
    running = configured(recording("post_request"), *worker_kind, app="kinds:app")
    assert get(running.address, "/boom").status == 500
    (call,) = calls.wait_for("post_request")
    assert (call["method"], call["path"]) == ("GET", "/boom")
    with Connection(running.address) as connection:
        connection.send(request_bytes("/boom-in-the-middle"))
        with pytest.raises(Truncated):
            connection.read_response()
    assert calls.wait_for("post_request", 2)[1]["resp"]["status"] == "200 OK"


@pytest.mark.parametrize(
    "parameters", ["worker, req", "worker, req, environ", "worker, req, environ, resp", "worker, req, environ, resp=None"]
)
def test_post_request_may_take_two_three_or_four_parameters(configured, worker_kind, parameters):
    running = configured("def post_request(%s):\n    worker.log.info('after %%s', req.path)\n" % parameters, *worker_kind)
    get(running.address, "/x")
    running.wait_for_log("after /x")


def test_worker_int_is_called_by_int_and_quit_but_not_by_term(configured, calls):
    for signo, expected in ((signal.SIGTERM, 0), (signal.SIGINT, 1), (signal.SIGQUIT, 2)):
        running = configured(recording("worker_int"))
        assert get(running.address).status == 200
        assert running.stop(signo) == 0
        assert len(calls.of("worker_int")) == expected
        if expected:
            assert calls.all()[-1]["pid"] == running.boots()[0]


def test_worker_abort_is_called_in_a_worker_that_hangs(configured, calls, tmp_path):
    config = recording("worker_abort", "worker_exit", "child_exit")
    running = configured(config, "--timeout", "1", app="gate:app", env={"GATE": str(tmp_path)})
    with Connection(running.address) as connection:
        connection.send(request_bytes("/hang"))
        (call,) = calls.wait_for("worker_abort")
        assert call["pid"] == call["worker_pid"] == int(read(tmp_path / "hang.began"))
    calls.wait_for("child_exit")
    assert [call["hook"] for call in calls.all()] == ["worker_abort", "worker_exit", "child_exit"]


def test_child_exit_is_called_for_a_killed_worker_and_worker_exit_is_not(configured, calls):
    running = configured(recording("worker_exit", "child_exit"))
    (worker,) = running.wait_for_workers(1)
    assert get(running.address).status == 200
    os.kill(worker, signal.SIGKILL)
    (call,) = calls.wait_for("child_exit")
    assert (call["pid"], call["worker_pid"]) == (running.pid, worker)
    assert calls.of("worker_exit") == []


@pytest.mark.parametrize("app, status", [("raises_at_import:app", 3), ("hello:nope", 4)])
def test_child_exit_is_not_called_when_a_worker_could_not_boot(configured, calls, app, status):
    running = configured(recording("child_exit", "worker_exit", "on_exit"), app=app, launch=True)
    assert running.wait() == status
    assert [call["hook"] for call in calls.all()] == ["worker_exit", "on_exit"]


def test_on_exit_is_called_when_the_start_fails(configured, calls):
    running = configured(recording("on_starting", "on_exit"), launch=True, bind="unix:conf.py")
    assert running.wait() == 1
    assert [call["hook"] for call in calls.all()] == ["on_starting", "on_exit"]


def test_the_pidfile_is_there_in_on_starting_and_gone_in_on_exit(configured):
    running = configured(
        "import os\npidfile = 'gunicorn.pid'\n"
        "def on_starting(server): server.log.info('starting %s', os.path.exists('gunicorn.pid'))\n"
        "def on_exit(server): server.log.info('exiting %s', os.path.exists('gunicorn.pid'))\n"
    )
    assert running.stop() == 0
    assert "starting True" in running.log and "exiting False" in running.log


# what hooks may do


def test_attributes_that_pre_fork_sets_on_the_worker_are_there_in_the_worker_and_in_the_master(configured, worker_kind):
    running = configured(
        "def pre_fork(server, worker):\n    worker.mark = 'mark of %d' % worker.age\n    server.shared = 'shared'\n"
        "def post_fork(server, worker): worker.log.info('post_fork: %s, %s', worker.mark, server.shared)\n"
        "def pre_request(worker, req): worker.log.info('pre_request: %s', worker.mark)\n"
        "def child_exit(server, worker): server.log.info('child_exit: %s', worker.mark)\n",
        *worker_kind,
    )
    get(running.address)
    assert running.stop() == 0
    for line in ("post_fork: mark of 1, shared", "pre_request: mark of 1", "child_exit: mark of 1"):
        assert line in running.log


def test_the_server_accepts_attributes_that_later_hooks_find(configured):
    running = configured(
        "def on_starting(server): server.answer = 42\n"
        "def when_ready(server): server.log.info('answer: %s', server.answer)\n"
    )
    running.wait_for_log("answer: 42")


def test_server_num_workers_may_be_assigned(configured, calls):
    running = configured(recording("nworkers_changed") + "\ndef when_ready(server):\n    server.num_workers = 3\n")
    running.wait_for_workers(3)
    assert [(call["new"], call["old"]) for call in calls.all()] == [(1, None), (3, 1)]


def test_booted_and_aborted_say_what_became_of_a_worker(configured, tmp_path):
    running = configured(
        "def post_worker_init(worker): worker.log.info('init: booted %s', worker.booted)\n"
        "def pre_request(worker, req): worker.log.info('request: booted %s aborted %s', worker.booted, worker.aborted)\n"
        "def child_exit(server, worker): server.log.info('exit of %d: aborted %s', worker.age, worker.aborted)\n",
        "--timeout", "1", app="gate:app", env={"GATE": str(tmp_path)})
    with Connection(running.address) as connection:
        connection.send(request_bytes("/hang"))
        running.wait_for_log("exit of 1: aborted True")
    assert get(running.address, "/").status == 200
    assert running.stop() == 0
    assert "init: booted False" in running.log and "request: booted True aborted False" in running.log
    assert "exit of 2: aborted False" in running.log


def test_the_heartbeat_file_of_a_worker_is_there_for_who_asks(configured):
    running = configured(
        "def post_worker_init(worker):\n"
        "    before = worker.tmp.last_update()\n"
        "    worker.notify()\n"
        "    worker.log.info('beat %s of %d', worker.tmp.last_update() >= before > 0, worker.tmp.fileno())\n"
        "    worker.tmp.close()\n"
        "    del worker.tmp\n")
    running.wait_for_log(r"beat True of \d+")
    assert get(running.address).status == 200


def test_a_worker_may_be_told_to_stop_by_a_hook(configured):
    running = configured("def post_request(worker, req):\n    worker.alive = False\n", app="kinds:app")
    first = get(running.address, "/pid").body
    running.wait_for_log("Booting worker", 2)
    assert get(running.address, "/pid").body != first


def test_pre_request_may_add_and_remove_headers_and_change_the_scheme(configured, worker_kind):
    running = configured(
        "def pre_request(worker, req):\n"
        "    req.headers.append(('X-ADDED', 'by hook'))\n"
        "    req.headers = [header for header in req.headers if header[0] != 'X-SECRET']\n"
        "    req.scheme = 'https'\n",
        *worker_kind,
        app="probe:app",
    )
    for _ in range(2):
        environ = json.loads(get(running.address, "/", [("X-Secret", "s"), ("X-Kept", "k")]).body)["environ"]
        assert environ["HTTP_X_ADDED"] == "by hook"
        assert environ["HTTP_X_KEPT"] == "k"
        assert "HTTP_X_SECRET" not in environ
        assert environ["wsgi.url_scheme"] == "https"


def test_when_ready_may_start_a_thread_that_runs_in_the_master(configured):
    running = configured(
        "import threading\n"
        "def run(server):\n"
        "    for _ in range(3):\n"
        "        threading.Event().wait(0.05)\n"
        "    server.log.info('thread of the master is done')\n"
        "def when_ready(server):\n"
        "    threading.Thread(target=run, args=(server,), daemon=True).start()\n"
    )
    running.wait_for_log(r"\[%d\] \[INFO\] thread of the master is done" % running.pid)
    assert get(running.address).status == 200


def test_a_hook_may_log_through_the_worker_and_the_server(configured, worker_kind):
    running = configured(
        "def post_fork(server, worker):\n"
        "    server.log.info('info %s', 1)\n    worker.log.warning('warning %d', 2)\n    worker.log.error('100%')\n"
        "    try:\n        1 / 0\n    except ZeroDivisionError:\n        worker.log.exception('caught')\n",
        *worker_kind,
    )
    for pattern in (r"\[INFO\] info 1", r"\[WARNING\] warning 2", r"\[ERROR\] 100%", r"\[ERROR\] caught\nTraceback"):
        running.wait_for_log(pattern)


# how a hook may be given


def test_a_hook_may_be_a_dotted_name(configured, tmp_path):
    (tmp_path / "my_hooks.py").write_text("def ready(server): server.log.info('dotted: function')\n")
    running = configured("when_ready = 'my_hooks.ready'\n")
    running.wait_for_log("dotted: function")


def test_a_hook_may_be_any_callable(configured):
    running = configured(
        "import functools\n"
        "class Callable:\n    def __call__(self, server): server.log.info('callable object')\n"
        "class Bound:\n    def ready(self, server): server.log.info('bound method')\n"
        "def with_prefix(prefix, server): server.log.info(prefix)\n"
        "on_starting = Callable()\n"
        "when_ready = Bound().ready\n"
        "on_exit = functools.partial(with_prefix, 'partial')\n"
        "post_fork = lambda server, worker: server.log.info('lambda')\n"
        "def pre_fork(server, worker, *more, **named): server.log.info('more parameters')\n"
    )
    running.wait_for_log("lambda")
    assert running.stop() == 0
    for text in ("callable object", "bound method", "partial", "more parameters"):
        assert text in running.log


def test_wrong_arities_are_all_located(run, tmp_path):
    (tmp_path / "conf.py").write_text(
        "def on_starting(): pass\n\n\ndef pre_fork(server): pass\n"
        "def post_request(worker): pass\n\nwhen_ready = lambda a, b: None\n"
        "def nworkers_changed(server, new): pass\n"
    )
    ended = run("-c", "conf.py", "hello:app")
    assert ended.status == 1
    assert ended.diagnostics == [
        ("conf.py:1", "on_starting", "wrong-arity"),
        ("conf.py:4", "pre_fork", "wrong-arity"),
        ("conf.py:5", "post_request", "wrong-arity"),
        ("conf.py:7", "when_ready", "wrong-arity"),
        ("conf.py:8", "nworkers_changed", "wrong-arity"),
    ]


# hooks that fail


def raising(hook, parameters):
    return "def %s(%s):\n    raise RuntimeError('hook failed on purpose')\n" % (hook, parameters)


@pytest.mark.parametrize(
    "hook, parameters", [("on_starting", "server"), ("when_ready", "server"), ("nworkers_changed", "server, new, old")]
)
def test_a_hook_of_the_start_that_raises_ends_the_server(configured, tmp_path, hook, parameters):
    sock, pidfile = tmp_path / "s.sock", tmp_path / "pid"
    running = configured(raising(hook, parameters), "--pid", pidfile, launch=True, bind="unix:%s" % sock)
    assert running.wait() == 1
    assert "hook failed on purpose" in running.log and "conf.py" in running.log
    assert not sock.exists() and not pidfile.exists()
    assert running.boots() == []


@pytest.mark.parametrize("hook, parameters", [("post_fork", "server, worker"), ("post_worker_init", "worker")])
def test_a_hook_of_the_boot_that_raises_ends_the_server_with_3(configured, worker_kind, hook, parameters):
    running = configured(raising(hook, parameters), *worker_kind, launch=True)
    assert running.wait() == 3
    assert "hook failed on purpose" in running.log and "Reason: Worker failed to boot." in running.log


def test_pre_fork_that_raises_ends_the_server_with_255(configured):
    running = configured(raising("pre_fork", "server, worker"), launch=True)
    assert running.wait() == 255
    assert "Unhandled exception in main loop" in running.log and "hook failed on purpose" in running.log


def test_pre_request_that_raises_is_answered_with_500(configured, worker_kind):
    running = configured(
        "def pre_request(worker, req):\n    if req.path == '/bad':\n        raise RuntimeError('hook failed on purpose')\n",
        *worker_kind,
    )
    assert get(running.address, "/bad").status == 500
    running.wait_for_log("hook failed on purpose")
    assert get(running.address, "/good").body == b"hello\n"


def test_post_request_that_raises_is_logged_and_forgotten(configured, worker_kind):
    running = configured(raising("post_request", "worker, req"), *worker_kind)
    with Connection(running.address) as connection:
        assert connection.get().body == b"hello\n"
        assert connection.get().body == b"hello\n"
    running.wait_for_log("hook failed on purpose", 2)
    assert "conf.py" in running.log
    assert len(running.boots()) == 1


@pytest.mark.parametrize(
    "hook, parameters", [("worker_exit", "server, worker"), ("child_exit", "server, worker"), ("on_exit", "server")]
)
def test_a_hook_of_the_end_that_raises_is_logged_and_the_exit_status_is_0(configured, hook, parameters):
    running = configured(raising(hook, parameters))
    assert get(running.address).status == 200
    assert running.stop() == 0
    assert "hook failed on purpose" in running.log
    assert "Shutting down: Master" in running.log


@pytest.mark.parametrize("what", ["raise RuntimeError('hook failed on purpose')", "sys.exit(7)"])
def test_worker_abort_that_raises_does_not_keep_a_worker_alive(configured, tmp_path, what):
    running = configured(
        "import sys\ndef worker_abort(worker):\n    %s\n" % what, "--timeout", "1", app="gate:app", env={"GATE": str(tmp_path)})
    with Connection(running.address) as connection:
        connection.send(request_bytes("/hang"))
        stuck = int(wait_until(lambda: read(tmp_path / "hang.began"), "the request began"))
        running.wait_for_log("Booting worker", 2)
    assert not is_running(stuck)
    if "RuntimeError" in what:
        assert "hook failed on purpose" in running.log


@pytest.mark.parametrize("hook, parameters", [("post_fork", "server, worker"), ("post_worker_init", "worker")])
def test_sys_exit_in_a_hook_of_the_boot_ends_that_worker_with_its_status(configured, hook, parameters):
    running = configured(
        "import os, sys\ndef %s(%s):\n    if worker.age == 1: sys.exit(9)\n" % (hook, parameters))
    running.wait_for_log(r"exited with code 9\.")
    assert get(running.address).status == 200


def test_pre_request_that_exits_ends_the_worker(configured, worker_kind):
    running = configured(
        "import sys\ndef pre_request(worker, req):\n    if req.path == '/exit': sys.exit(0)\n", *worker_kind)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/exit"))
        connection.read_to_end()
    running.wait_for_log("Booting worker", 2)
    assert get(running.address, "/").status == 200


def test_worker_int_that_raises_does_not_keep_a_worker_alive(configured):
    running = configured(raising("worker_int", "worker"))
    assert get(running.address).status == 200
    (worker,) = running.boots()
    assert running.stop(signal.SIGINT) == 0
    assert not is_running(worker)


@pytest.mark.parametrize(
    "hook, parameters", [("on_starting", "server"), ("when_ready", "server"), ("pre_fork", "server, worker")]
)
def test_sys_exit_in_a_hook_of_the_master_is_the_exit_status(configured, hook, parameters):
    running = configured("import sys\ndef %s(%s):\n    sys.exit(9)\n" % (hook, parameters), launch=True)
    assert running.wait() == 9


def test_nworkers_changed_that_raises_while_running_ends_the_server_as_in_gunicorn(configured):
    running = configured("def nworkers_changed(server, new, old):\n    if old: raise RuntimeError('hook failed on purpose')\n")
    running.wait_for_workers(1)
    running.send_signal(signal.SIGTTIN)
    assert running.wait() == 255
    assert "hook failed on purpose" in running.log
