"""daemon: a server in the background, and what the command that starts it says about it."""

import os
import re
import signal

import pytest

from raw_http import get
from server_process import APPS, PACKAGE, SANITIZED, ProcessFacts, children_of, is_running, read, read_findings, wait_until

# Imports when the test says so: the file boot.open is there.
SLOW_APP = "from gate import wait_at_gate\nwait_at_gate('boot')\nfrom hello import app\n"


class Daemon:
    """A server of which the command that started it knows nothing any more."""

    def __init__(self, folder):
        self.folder = folder
        self.pidfile = folder / "daemon.pid"
        self.errorlog = folder / "error.log"
        self.arguments = ["--daemon", "--pid", self.pidfile]

    @property
    def pid(self):
        return int(wait_until(lambda: read(self.pidfile), "the pid file is there"))

    @property
    def log(self):
        return read(self.errorlog)

    @property
    def address(self):
        host, port = re.findall(r"Listening at: http://([\d.]+):(\d+)", self.log)[-1]
        return host, int(port)

    def end(self):
        if self.pidfile.exists() and read(self.pidfile):
            pid = self.pid
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: not is_running(pid), "the daemon left")


@pytest.fixture
def daemon(tmp_path):
    one = Daemon(tmp_path)
    yield one
    one.end()


def start(server, daemon, *arguments, log=True, **options):
    """The command that starts a daemon, while it runs."""
    logs = ["--error-logfile", daemon.errorlog] if log else []
    return server.launch(*daemon.arguments, *logs, *arguments, **options)


def test_the_command_returns_when_the_server_serves(server, daemon, tmp_path, gate):
    (tmp_path / "slow.py").write_text(SLOW_APP)
    command = start(server, daemon, "slow:app", env=gate.env)
    gate.wait_for("boot")
    assert command.process.poll() is None, "nothing serves yet"
    gate.open("boot")
    assert command.wait() == 0
    assert get(daemon.address).status == 200
    assert command.stdout == "" and command.stderr == ""


def test_a_daemon_has_left_the_terminal_and_its_session(server, daemon):
    command = start(server, daemon, "--workers", "2", "hello:app")
    assert command.wait() == 0
    facts = ProcessFacts(daemon.pid)
    assert facts.session not in (command.pid, daemon.pid), "it leads no session, so that no terminal can become its own"
    workers = wait_until(lambda: len(children_of(daemon.pid)) == 2 and children_of(daemon.pid), "two workers")
    for pid in [daemon.pid] + workers:
        wait_until(
            lambda: {os.readlink("/proc/%d/fd/%d" % (pid, stream)) for stream in (0, 1, 2)} == {"/dev/null"},
            "process %d has no standard streams" % pid,
        )


def test_a_daemon_that_runs_as_python_module(server, daemon):
    if SANITIZED:
        pytest.skip("a plain Python cannot load the module with sanitizers")
    command = start(server, daemon, "hello:app", command=["/usr/bin/python3", "-m", "gunicorn"],
                    env={"PYTHONPATH": "%s:%s" % (PACKAGE, APPS)})
    assert command.wait() == 0, command.describe()
    assert get(daemon.address).status == 200


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("app, status", [("raises_at_import:app", 3), ("hello:no_such_name", 4)])
def test_the_command_has_the_status_of_a_server_that_cannot_boot(server, daemon, app, status, workers):
    command = start(server, daemon, "--workers", workers, app)
    assert command.wait() == status
    assert "Error: the server ended with status %d before it was ready; its log is" % status in command.stderr
    assert str(daemon.errorlog) in command.stderr
    assert not daemon.pidfile.exists()


def test_what_fails_is_seen_where_it_was_started_when_there_is_no_log_file(server, daemon):
    command = start(server, daemon, "raises_at_import:app", log=False)
    assert command.wait() == 3
    assert "RuntimeError: this module cannot be imported" in command.stderr


def test_an_address_in_use_is_the_status_of_the_command(server, daemon, tmp_path):
    (tmp_path / "file").touch()
    command = start(server, daemon, "--bind", "unix:%s" % (tmp_path / "file"), "hello:app", bind=None, log=False)
    assert command.wait() == 1
    assert "is not a socket" in command.stderr
    assert not daemon.pidfile.exists()


def test_a_mistake_in_the_configuration_is_told_before_anything_starts(server, daemon):
    command = start(server, daemon, "--workers", "-1", "hello:app")
    assert command.wait() == 1
    assert not daemon.errorlog.exists() and not daemon.pidfile.exists()


def test_the_log_on_standard_error_ends_when_the_daemon_serves_and_a_warning_says_so(server, daemon):
    command = start(server, daemon, "hello:app", log=False)
    assert command.wait() == 0
    assert ("errorlog", "log-of-daemon-lost") in [(one.setting, one.name) for one in read_findings(command.stderr)]
    assert "Listening at" in command.stderr
    before = command.stderr
    os.kill(daemon.pid, signal.SIGTTIN)
    wait_until(lambda: len(children_of(daemon.pid)) == 2, "a second worker")
    assert command.stderr == before


def test_standard_streams_are_kept_on_demand(server, daemon):
    command = start(server, daemon, "--enable-stdio-inheritance", "hello:app", log=False)
    assert command.wait() == 0
    os.kill(daemon.pid, signal.SIGTTIN)
    wait_until(lambda: command.stderr.count("Booting worker") == 2, "the daemon still speaks")


def test_a_daemon_that_is_killed_at_boot_ends_the_command_with_1(server, daemon, tmp_path, gate):
    (tmp_path / "slow.py").write_text(SLOW_APP)
    command = start(server, daemon, "slow:app", env=gate.env)
    worker = gate.wait_for("boot")
    os.kill(daemon.pid, signal.SIGKILL)
    gate.open("boot")
    assert command.wait() == 1
    wait_until(lambda: not is_running(worker), "the worker left")
    daemon.pidfile.unlink()


def test_a_daemon_that_is_stopped_at_boot_is_no_failure(server, daemon, tmp_path, gate):
    (tmp_path / "slow.py").write_text(SLOW_APP)
    command = start(server, daemon, "slow:app", env=gate.env)
    gate.wait_for("boot")
    os.kill(daemon.pid, signal.SIGQUIT)
    gate.open("boot")
    assert command.wait() == 0
    assert not daemon.pidfile.exists()


def test_winch_ends_the_workers_of_a_daemon_and_ttin_brings_one_back(server, daemon):
    assert start(server, daemon, "--workers", "2", "hello:app").wait() == 0
    os.kill(daemon.pid, signal.SIGWINCH)
    wait_until(lambda: not children_of(daemon.pid), "all workers left")
    assert is_running(daemon.pid)
    os.kill(daemon.pid, signal.SIGTTIN)
    wait_until(lambda: len(children_of(daemon.pid)) == 1, "one worker")
    assert get(daemon.address).status == 200


def test_winch_means_nothing_to_a_server_in_the_foreground(server):
    running = server("--log-level", "debug", "hello:app")
    running.send_signal(signal.SIGWINCH)
    running.wait_for_log("SIGWINCH ignored. Not daemonized")
    assert get(running.address).status == 200


def test_hooks_and_the_application_see_the_daemon_as_their_process(server, daemon, tmp_path):
    (tmp_path / "conf.py").write_text(
        "import os\n"
        "started_by = os.getpid()\n"
        "def on_starting(server):\n"
        "    open('pids', 'w').write('%d %d %d' % (started_by, server.pid, os.getpid()))\n"
        "def on_exit(server):\n"
        "    open('exit', 'a').write('on_exit\\n')\n"
        "import atexit\n"
        "atexit.register(lambda: open('exit', 'a').write('atexit %s\\n' % ('daemon' if os.getpid() != started_by else 'starter')))\n"
    )
    command = start(server, daemon, "-c", "conf.py", "hello:app")
    assert command.wait() == 0
    starter, seen, own = map(int, read(tmp_path / "pids").split())
    assert starter == command.pid and seen == own == daemon.pid
    daemon.end()
    lines = read(tmp_path / "exit").split("\n")
    assert "on_exit" in lines and "atexit daemon" in lines and "atexit starter" not in lines


def test_what_a_configuration_prints_is_printed_once(server, daemon, tmp_path):
    (tmp_path / "conf.py").write_text("print('the configuration is read')\n")
    command = start(server, daemon, "-c", "conf.py", "hello:app")
    assert command.wait() == 0
    assert command.stdout == "the configuration is read\n"


def test_an_upgrade_of_a_daemon_does_not_go_to_the_background_again(server, daemon):
    running = server("--daemon", "--enable-stdio-inheritance", "hello:app", env={"GUNICORN_PID": "1"})
    assert running.process.poll() is None
    assert get(running.address).status == 200
