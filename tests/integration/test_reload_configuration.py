"""HUP reads the configuration anew: what is changed takes effect, what is wrong changes nothing, and the log says which."""

import os
import re
import signal
import socket

import pytest

from raw_http import Connection, get, request_bytes
from server_process import BINARY, is_running, wait_until

COMPLETE = r"\[INFO\] Reload complete\."
GIVEN_UP = r"\[ERROR\] Reload given up, the running configuration and workers stay: (.*)"

APP = """
import os
def app(environ, start_response):
    body = " ".join(os.environ.get(name, "-") for name in environ["QUERY_STRING"].split("&")).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


@pytest.fixture
def configured(server, tmp_path):
    """Starts a server with the configuration file c.py; `change(text)` writes another one and reloads."""
    config = tmp_path / "c.py"
    (tmp_path / "variables.py").write_text(APP)

    class Configured:
        def __init__(self, text, *arguments, **options):
            config.write_text(text)
            count = options.pop("count", 1)
            self.running = server("-c", config, *arguments, options.pop("app", "variables:app"), **options)
            self.old = self.running.wait_for_workers(count)

        def change(self, text, outcome=COMPLETE):
            before = len(re.findall(outcome, self.running.log))
            if text is not None:
                config.write_text(text)
            self.running.send_signal(signal.SIGHUP)
            self.running.wait_for_log(outcome, before + 1)

        @property
        def log(self):
            return self.running.log

        def get(self, names=""):
            return get(self.running.address, "/?" + names).body.decode()

    return Configured


def test_changed_settings_are_listed_with_both_values_and_their_places(configured):
    server = configured("workers = 1\ntimeout = 20\n")
    server.change("timeout = 21\n\nworkers = 2\n")
    server.running.wait_for_workers(2)
    assert re.search(r"\[INFO\] Changed: workers: 1 \(.*c\.py:1:\d+\) -> 2 \(.*c\.py:3:\d+\)", server.log)
    assert re.search(r"\[INFO\] Changed: timeout: 20 \(.*c\.py:2:\d+\) -> 21 \(.*c\.py:1:\d+\)", server.log)


def test_a_secret_that_changed_is_not_shown(configured):
    server = configured("raw_env = ['API_TOKEN=first-secret']\n")
    server.change("raw_env = ['API_TOKEN=second-secret']\n")
    assert server.get("API_TOKEN") == "second-secret"
    assert "Changed: raw_env" in server.log and "-secret" not in server.log


def test_what_needs_a_restart_is_named_and_stays(configured, tmp_path):
    server = configured("def on_reload(server): server.log.info('path %s', server.cfg.pythonpath)\n")
    server.change("pythonpath = '/elsewhere'\ndef on_reload(server): server.log.info('path %s', server.cfg.pythonpath)\n")
    assert re.search(r"\[WARNING\] Changed, but needs a restart: pythonpath: None \(default\) -> '/elsewhere'", server.log)
    assert "path None" in server.log


def test_the_worker_class_and_hooks_change(configured):
    server = configured("def post_fork(server, worker): server.log.info('first %s', type(worker).__name__)\n")
    server.change("threads = 4\ndef post_fork(server, worker): server.log.info('second %s', type(worker).__name__)\n")
    assert "first SyncWorker" in server.log and "second ThreadWorker" in server.log
    assert "first ThreadWorker" not in server.log and "second SyncWorker" not in server.log


def test_variables_of_raw_env_are_taken_back_and_set_anew(configured):
    server = configured("raw_env = ['ONE=1', 'HOST_SAYS=ours']\n", env={"HOST_SAYS": "theirs"})
    assert server.get("ONE&HOST_SAYS") == "1 ours"
    server.change("import os\nassert os.environ['HOST_SAYS'] == 'theirs' and 'ONE' not in os.environ\nraw_env = ['TWO=2']\n")
    assert server.get("ONE&TWO&HOST_SAYS") == "- 2 theirs"


def test_the_variables_of_an_env_file_are_read_again(configured, tmp_path):
    (tmp_path / "env").write_text("ONE=1\nTWO=2\n")
    server = configured("import os\nworkers = int(os.environ.get('COUNT', 1))\n", "--env-file", tmp_path / "env")
    assert server.get("ONE&TWO") == "1 2"
    (tmp_path / "env").write_text("ONE=uno\nCOUNT=2\n")
    server.change(None)
    server.running.wait_for_workers(2)
    assert server.get("ONE&TWO") == "uno -"


def test_modules_that_the_configuration_imports_are_read_anew(configured, tmp_path):
    (tmp_path / "common.py").write_text("count = 1\n")
    server = configured("import common\nworkers = common.count\n")
    # Of another size, since Python trusts a cache whose source has the same second and size.
    (tmp_path / "common.py").write_text("count = 1 + 1\n")
    server.change(None)
    server.running.wait_for_workers(2)


def test_a_module_as_configuration_is_read_anew(server, tmp_path):
    (tmp_path / "settings_module.py").write_text("workers = 1\n")
    (tmp_path / "variables.py").write_text(APP)
    running = server("-c", "python:settings_module", "variables:app")
    running.wait_for_workers(1)
    (tmp_path / "settings_module.py").write_text("workers = 1 + 1\n")
    running.send_signal(signal.SIGHUP)
    running.wait_for_log(COMPLETE)
    running.wait_for_workers(2)


def test_the_access_log_is_switched_on_and_its_format_changes(configured, tmp_path):
    server = configured("accesslog = None\n")
    server.get("silent")
    log = tmp_path / "access.log"
    server.change("accesslog = %r\naccess_log_format = 'first %%(q)s'\n" % str(log))
    server.get("one")
    wait_until(lambda: log.exists() and "first one" in log.read_text(), "an access line")
    server.change("accesslog = %r\naccess_log_format = 'second %%(q)s'\n" % str(log))
    server.get("two")
    wait_until(lambda: "second two" in log.read_text(), "another access line")
    assert "silent" not in log.read_text()


def test_the_pid_file_moves(configured, tmp_path):
    first, second = tmp_path / "first.pid", tmp_path / "second.pid"
    server = configured("pidfile = %r\n" % str(first))
    assert first.read_text() == "%d\n" % server.running.pid
    server.change("pidfile = %r\n" % str(second))
    assert second.read_text() == "%d\n" % server.running.pid and not first.exists()
    server.change("")
    assert not second.exists()


# addresses


def unix_get(path):
    with Connection(str(path)) as connection:
        return connection.get("/?")


def test_a_new_address_is_open_before_the_old_one_closes(configured, tmp_path):
    first, second = tmp_path / "first.sock", tmp_path / "second.sock"
    server = configured("bind = 'unix:%s'\n" % first, bind=None)
    server.change("bind = 'unix:%s'\n" % second)
    assert unix_get(second).status == 200
    wait_until(lambda: not first.exists(), "the end of the old socket's file")
    assert re.search(r"Listening at: unix:.*second\.sock \(%d\)" % server.running.pid, server.log)


def test_a_socket_that_stays_is_the_same_one_with_its_backlog(configured, tmp_path):
    path, more = tmp_path / "a.sock", tmp_path / "b.sock"
    server = configured("bind = ['unix:%s']\n" % path, bind=None)
    inode = path.stat().st_ino
    server.change("bind = ['unix:%s', 'unix:%s']\nbacklog = 100\n" % (more, path))
    assert path.stat().st_ino == inode
    assert unix_get(path).status == 200 and unix_get(more).status == 200
    server.change("bind = ['unix:%s']\n" % path)
    assert path.stat().st_ino == inode and unix_get(path).status == 200
    wait_until(lambda: not more.exists(), "the end of the other one")


def test_what_waits_at_an_address_that_goes_is_still_answered(configured, tmp_path, gate):
    first, second = tmp_path / "first.sock", tmp_path / "second.sock"
    server = configured("bind = 'unix:%s'\n" % first, bind=None, app="gate:app", env=gate.env)
    with Connection(str(first)) as inside, Connection(str(first)) as waiting:
        inside.send(request_bytes("/wait/one"))
        gate.wait_for()
        waiting.send(request_bytes("/"))  # nobody takes it: the only worker is busy
        server.change("bind = 'unix:%s'\n" % second)
        gate.open()
        assert inside.read_response().status == 200
        assert waiting.read_response().status == 200


def test_an_address_in_other_words_is_the_same_socket(configured):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = configured("bind = '127.0.0.1:%d'\n" % port, bind=None)
    server.change("bind = 'localhost:%d'\n" % port)
    assert "Connection in use" not in server.log
    assert get(("127.0.0.1", port), "/?X").status == 200


def test_files_of_relative_paths_go_with_the_directory(configured, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    text = "chdir = %r\nbind = 'unix:a.sock'\npidfile = 'a.pid'\npythonpath = %r\n"
    server = configured(text % (str(first), str(tmp_path)), bind=None)
    server.change(text % (str(second), str(tmp_path)))
    assert unix_get(second / "a.sock").status == 200
    assert (second / "a.pid").read_text() == "%d\n" % server.running.pid
    wait_until(lambda: not list(first.iterdir()), "an empty directory")


def test_an_address_that_somebody_else_has_changes_nothing(configured, tmp_path):
    server = configured("bind = 'unix:%s'\n" % (tmp_path / "a.sock"), bind=None)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server.change("bind = '127.0.0.1:%d'\n" % port, GIVEN_UP)
    assert server.running.wait_for_workers(1) == server.old
    assert unix_get(tmp_path / "a.sock").status == 200


# what is wrong

WRONG = {
    "syntax error": "workers = = 2\n",
    "bad value": "workers = -1\n",
    "unknown worker class": "worker_class = 'no.such.Class'\n",
    "raises": "raise RuntimeError('not today')\n",
    "exits": "raise SystemExit(3)\n",
    "missing certificate": "certfile = '/nowhere/cert.pem'\nkeyfile = '/nowhere/key.pem'\n",
    "missing directory": "chdir = '/nowhere'\n",
    "unknown user": "user = 'nobody-of-that-name'\n",
    "log in a missing directory": "errorlog = '/nowhere/error.log'\n",
    "pid file in a missing directory": "pidfile = '/nowhere/pid'\n",
    "hook of another arity": "def post_fork(server): pass\n",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=list(WRONG))
def test_a_wrong_configuration_changes_nothing_and_the_log_says_why(configured, tmp_path, text):
    good = "raw_env = ['KIND=good']\n"
    server = configured(good)
    server.change(text, GIVEN_UP)
    assert server.running.wait_for_workers(1) == server.old == server.running.boots()
    assert server.get("KIND") == "good"
    server.change(good + "# again\n")
    assert server.get("KIND") == "good"


def test_an_application_that_is_not_there_changes_nothing_and_another_one_is_served(configured, tmp_path):
    (tmp_path / "other.py").write_text(APP.replace("body =", "body = b'other ' +"))
    server = configured("wsgi_app = 'variables:app'\n", app="--no-sendfile")
    server.change("wsgi_app = 'nothing:app'\n", GIVEN_UP)
    assert server.running.wait_for_workers(1) == server.old
    assert server.get("A") == "-"
    server.change("wsgi_app = 'other:app'\n")
    assert server.get("A") == "other -"


def test_a_file_that_is_gone_changes_nothing(configured, tmp_path):
    server = configured("raw_env = ['KIND=good']\n")
    (tmp_path / "c.py").unlink()
    server.change(None, GIVEN_UP)
    assert server.running.wait_for_workers(1) == server.old
    assert server.get("KIND") == "good"


def test_a_file_that_behaves_in_the_check_and_fails_in_the_master_changes_nothing(configured, tmp_path):
    good = "raw_env = ['KIND=good']\npidfile = 'pid'\n"
    server = configured(good)
    # The check is somebody else's process.
    server.change("import os\nassert os.getpid() != %d, 'in the master'\nraw_env = ['KIND=bad']\n" % server.running.pid, GIVEN_UP)
    assert "in the master" in server.log
    assert server.running.wait_for_workers(1) == server.old
    assert server.get("KIND") == "good"
    os.kill(server.old[0], signal.SIGKILL)
    wait_until(lambda: server.running.workers() != server.old, "the end of the old worker")
    server.running.wait_for_workers(1)
    assert server.get("KIND") == "good", "its environment is that of the old configuration"
    assert (tmp_path / "pid").read_text() == "%d\n" % server.running.pid


@pytest.mark.parametrize("where", ["check", "master"])
def test_a_file_that_hangs_is_given_up_in_time(configured, where):
    server = configured("", "--check-timeout", "2")
    condition = "!=" if where == "check" else "=="
    server.change("import os, time\nwhile os.getpid() %s %d: time.sleep(60)\n" % (condition, server.running.pid), GIVEN_UP)
    assert server.running.wait_for_workers(1) == server.old
    assert server.get() == "-"
    server.change("# good again\n")


@pytest.mark.parametrize("where", ["check", "master"])
@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_heard_while_a_configuration_is_read(configured, tmp_path, where, signo):
    server = configured("")
    condition = "!=" if where == "check" else "=="
    here = tmp_path / "here"
    (tmp_path / "c.py").write_text(
        "import os, time\nif os.getpid() %s %d:\n    open(%r, 'w').close()\n    time.sleep(600)\n"
        % (condition, server.running.pid, str(here))
    )
    server.running.send_signal(signal.SIGHUP)
    wait_until(here.exists, "the configuration to be read")
    assert server.running.stop(signo) == 0


def test_a_check_leaves_no_process_and_is_no_child_of_the_master(configured, tmp_path):
    server = configured("")
    pid_file = tmp_path / "check.pid"
    (tmp_path / "c.py").write_text(
        "import os, time\nif os.getpid() != %d:\n    open(%r, 'w').write(str(os.getpid()))\n    time.sleep(600)\n"
        % (server.running.pid, str(pid_file))
    )
    server.running.send_signal(signal.SIGHUP)
    check = int(wait_until(lambda: pid_file.exists() and pid_file.read_text(), "the check"))
    assert server.running.workers() == server.old, "the children of the master are its workers"
    assert server.running.stop() == 0
    wait_until(lambda: not is_running(check), "the end of the check")


def test_reloads_leave_no_descriptor_behind(configured):
    server = configured("workers = 1\n")

    def descriptors():
        return len(os.listdir("/proc/%d/fd" % server.running.pid))

    server.change("workers = 2\n")
    before = descriptors()
    for count in (1, 2, 3):
        server.change("workers = %d\n" % count)
        server.change("workers = -1\n", GIVEN_UP)
    assert descriptors() == before


# hooks, time and files of a generation that has not been proved


def test_a_pre_fork_that_raises_gives_the_reload_up(configured):
    server = configured("raw_env = ['KIND=good']\n")
    server.change("def pre_fork(server, worker): raise ValueError('not today')\n", GIVEN_UP)
    assert "not today" in server.log
    assert server.running.wait_for_workers(1) == server.old
    assert server.get("KIND") == "good"


@pytest.mark.parametrize("hook", ["pre_fork(server, worker)", "on_reload(server)"])
def test_a_stop_is_heard_while_a_hook_of_a_new_configuration_hangs(server, tmp_path, hook):
    here = tmp_path / "here"
    config = tmp_path / "c.py"
    config.write_text("")
    # As a shell starts what is in the background.
    command = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", BINARY]
    running = server("-c", config, "hello:app", command=command)
    running.wait_for_workers(1)
    config.write_text("import time\ndef %s:\n    open(%r, 'w').close()\n    time.sleep(600)\n" % (hook, str(here)))
    running.send_signal(signal.SIGHUP)
    wait_until(here.exists, "the hook")
    assert running.stop() == 0


def test_old_workers_keep_their_timeout_while_a_new_one_is_tried(server, tmp_path, gate):
    config = tmp_path / "c.py"
    config.write_text("timeout = 100\n")
    running = server("-c", config, "gate:app", env=gate.env)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/wait/one"))
        gate.wait_for()
        config.write_text("timeout = 1\nboot_timeout = 3\ndef post_fork(server, worker):\n    import time; time.sleep(600)\n")
        running.send_signal(signal.SIGHUP)
        running.wait_for_log(GIVEN_UP)
        assert "WORKER TIMEOUT" not in running.log
        gate.open()
        assert connection.read_response().status == 200


def test_the_old_pid_file_stays_until_a_new_worker_is_ready(configured, tmp_path, gate):
    first, second = tmp_path / "first.pid", tmp_path / "second.pid"
    server = configured("pidfile = %r\n" % str(first), env=gate.env)
    hook = "def post_fork(server, worker):\n    import gate; gate.wait_at_gate('fork')\n    %s\n"
    for statement, outcome in (("raise ValueError", GIVEN_UP), ("pass", COMPLETE)):
        (tmp_path / "c.py").write_text("pidfile = %r\n" % str(second) + hook % statement)
        server.running.send_signal(signal.SIGHUP)
        gate.wait_for("fork")
        assert first.exists() and second.exists()
        gate.open("fork")
        server.running.wait_for_log(outcome)
        wait_until(lambda: first.exists() == (outcome == GIVEN_UP) != second.exists(), "one pid file")
        for left in gate.folder.iterdir():
            left.unlink()


def test_another_configuration_is_the_cure_when_only_the_first_new_worker_was_good(configured, tmp_path):
    once = tmp_path / "once"
    server = configured("workers = 2\n", count=2)
    (tmp_path / "c.py").write_text(
        "import os\nworkers = 2\ndef post_fork(server, worker):\n"
        "    os.close(os.open(%r, os.O_CREAT | os.O_EXCL))\n" % str(once)
    )
    server.running.send_signal(signal.SIGHUP)
    server.running.wait_for_log("FileExistsError")
    server.change("workers = -1\n", GIVEN_UP)
    server.change("workers = 2\n")
    wait_until(lambda: not set(server.old) & set(server.running.workers()), "the end of the old workers")
    assert len(server.running.wait_for_workers(2)) == 2
