"""HUP: the check of the configuration in a process of its own, and what it may hold against a reload."""

import os
import re
import signal
import socket

import pytest

from raw_http import get
from server_process import BINARY, is_running, processes, wait_until

COMPLETE = r"Reload complete\."
GIVEN_UP = r"Reload given up, the running configuration and workers stay: .*"
ANY_END = COMPLETE + "|" + GIVEN_UP


@pytest.fixture
def configured(server, tmp_path):
    """Starts a server with the configuration file c.py, `change(text)` writes another and reloads."""
    config = tmp_path / "c.py"

    class Configured:
        def __init__(self, text, *arguments, **options):
            config.write_text("wsgi_app = 'hello:app'\n" + text)
            options.setdefault("cwd", tmp_path)
            self.running = server("-c", config, *arguments, **options)
            self.running.wait_for_workers(1)

        def change(self, text, outcome=COMPLETE):
            """What the master says in the end: the first line of it."""
            before = len(re.findall(ANY_END, self.running.log))
            config.write_text("wsgi_app = 'hello:app'\n" + text)
            self.running.send_signal(signal.SIGHUP)
            said = self.running.wait_for_log(ANY_END, before + 1)[-1]
            assert re.match(outcome, said), self.running.describe()

        @property
        def log(self):
            return self.running.log

    return Configured


# What the running master holds is its own, whatever it calls itself now.


def test_a_server_whose_configuration_names_the_application_reloads(configured):
    configured("workers = 1\n", bind="127.0.0.1:8000").change("workers = 2\n")


@pytest.mark.parametrize(
    "first, second",
    [
        ("proc_name = 'one'\n", "proc_name = 'two'\n"),
        ("pidfile = 'one.pid'\n", "pidfile = 'two.pid'\n"),
        ("reuse_port = True\n", "reuse_port = True\nworkers = 2\n"),
        ("", "chdir = 'elsewhere'\n"),
    ],
    ids=["proc_name", "pidfile", "reuse_port", "chdir"],
)
def test_a_server_with_a_fixed_port_reloads_a_changed(configured, tmp_path, first, second):
    (tmp_path / "elsewhere").mkdir()
    configured(first, bind="127.0.0.1:8000").change(second)


# What the check says, and what it does not.


def test_a_reload_tells_no_notes(configured):
    server = configured("workers = 1\n", bind="127.0.0.1:8000")
    server.change("workers = 2\n")
    assert "note[" not in server.log and "The check of the configuration says" not in server.log


def test_a_check_that_hangs_says_where(configured):
    server = configured("workers = 1\n", "--check-timeout", 1)
    server.change("import time\ndef wait():\n    while True: time.sleep(60)\nwait()\n", GIVEN_UP)
    server.running.wait_for_log(r"c\.py:4:?\d*\n|c\.py:4")
    assert re.search(r"the check did not end within 1 s; it hangs here, in wait\(\)", server.log), server.log
    server.change("workers = 2\n")


def test_a_check_finds_no_variable_that_is_for_the_master_alone(configured, tmp_path):
    names = "NOTIFY_SOCKET WATCHDOG_USEC LISTEN_FDNAMES GUNICORN_UPGRADE_REPORT_FD GUNICORN_RELOAD_CHECK".split()
    text = "import os\nfound = sorted(os.environ.keys() & %r)\n" % set(names)
    server = configured("", env={name: "1" for name in names[1:4]})
    server.change(text + "open(%r, 'a').write('%%d %%s\\n' %% (os.getpid(), found))\n" % str(tmp_path / "found"))
    lines = (tmp_path / "found").read_text().splitlines()
    checked = [line for line in lines if not line.startswith("%d " % server.running.pid)]
    assert len(lines) == 2 and [line.split(" ", 1)[1] for line in checked] == ["[]"]


# Nothing of a master outlives it in a check.


def holders_of_port(port):
    """The processes that have the listening socket of a port on loopback."""
    rows = [line.split() for line in open("/proc/net/tcp").readlines()[1:]]
    inodes = {row[9] for row in rows if row[1].endswith(":%04X" % port) and row[3] == "0A"}
    found = set()
    for row in processes():
        try:
            links = [os.readlink("/proc/%d/fd/%s" % (row.pid, fd)) for fd in os.listdir("/proc/%d/fd" % row.pid)]
        except OSError:
            continue
        if any("socket:[%s]" % inode in links for inode in inodes):
            found.add(row.pid)
    return found


def test_a_master_that_is_killed_during_a_check_takes_workers_and_check_along(configured, tmp_path):
    server = configured("workers = 1\n")
    (tmp_path / "c.py").write_text(
        "import os, time\nopen(%r, 'w').write(str(os.getpid()))\nos.rename(%r, %r)\nwhile True: time.sleep(60)\n"
        % (str(tmp_path / "pid.new"), str(tmp_path / "pid.new"), str(tmp_path / "pid"))
    )
    master, port = server.running.pid, server.running.address[1]
    workers = server.running.workers()
    server.running.send_signal(signal.SIGHUP)
    wait_until((tmp_path / "pid").exists, "the check")
    checking = int((tmp_path / "pid").read_text())
    assert holders_of_port(port) == {master, *workers}
    server.running.send_signal(signal.SIGKILL)
    server.running.wait()
    wait_until(lambda: not is_running(checking), "the end of the check")
    wait_until(lambda: not any(map(is_running, workers)), "the end of the workers")
    assert not holders_of_port(port)


# What is executed, and with which sockets.


def test_a_program_of_the_same_name_in_path_is_not_what_checks(configured, tmp_path):
    other = tmp_path / "bin" / "gunicorn"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\necho another product >&2\nexit 3\n")
    other.chmod(0o755)
    server = configured(
        "workers = 1\n",
        command=["bash", "-c", 'exec -a gunicorn "$0" "$@"', BINARY],
        env={"PATH": "%s:%s" % (other.parent, os.environ["PATH"])},
    )
    server.change("workers = 2\n")


def test_a_bare_name_that_path_leads_to_is_the_program(configured, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gunicorn").symlink_to(BINARY)
    server = configured(
        "workers = 1\n", command=["gunicorn"], env={"PATH": "%s:%s" % (tmp_path / "bin", os.environ["PATH"])}
    )
    server.change("workers = 2\n")


# Passes a listening socket as systemd does: descriptor 3, to this one process.
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_with_a_socket_of_systemd_an_address_that_cannot_be_bound_does_no_harm(configured):
    with socket.create_server(("127.0.0.1", 0)) as passed, socket.create_server(("127.0.0.1", 0)) as taken:
        server = configured(
            "workers = 1\nbind = ['127.0.0.1:%d', 'unix:/nowhere/at/all']\n" % taken.getsockname()[1],
            bind=None,
            command=["/usr/bin/python3", "-c", AS_SYSTEMD, passed.fileno(), BINARY],
            pass_fds=[passed.fileno()],
        )
        server.change("workers = 2\nbind = ['127.0.0.1:%d', 'unix:/nowhere/at/all']\n" % taken.getsockname()[1])
        assert get(passed.getsockname(), "/").status == 200
