"""Starts that cannot be: one message that names what is wrong, exit status 1, no worker, and nothing on disk is touched."""

import os
import pathlib
import socket
import stat
import tempfile

import pytest

from server_process import BINARY, Run
from test_preflight import NOBODY, needs_nobody, snapshot


@pytest.fixture
def folder():
    """A directory that any user may enter, with files of all kinds in it."""
    with tempfile.TemporaryDirectory(prefix="gn-starts-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        (folder / "file").write_text("data\n")
        (folder / "directory").mkdir()
        (folder / "live.pid").write_text("%d\n" % os.getpid())
        (folder / "error.log").write_text("a line\n")
        (folder / "link").symlink_to("file")
        os.mkfifo(folder / "fifo")
        with socket.socket(socket.AF_UNIX) as live:
            live.bind(str(folder / "live.sock"))
            live.listen()
            yield folder


def tree(folder):
    """What is there. The times of directories are left out: files are made in them on the way, and removed again."""
    return {path: facts if stat.S_ISREG(facts[0]) else facts[:3] + facts[5:] for path, facts in snapshot(folder).items()}


def assert_refused(server, folder, arguments, said, command=None, status=1):
    before = tree(folder)
    ended = Run(server.launch(*arguments, "hello:app", bind=None, cwd=folder, command=command))
    assert ended.status == status, ended
    assert "Booting worker" not in ended.stderr and "Traceback" not in ended.stderr, ended
    trouble = [line for line in ended.stderr.splitlines() if "[ERROR]" in line or line.startswith("error[")]
    trouble = [line for line in trouble if "Shutting down: Master" not in line]
    assert len(trouble) == 1 and said in trouble[0], ended
    assert tree(folder) == before


TCP = ("--bind", "127.0.0.1:0")
REFUSED = {
    "a user that does not exist": (TCP + ("--user", "no-such-user"), "'no-such-user'"),
    "a user that is no number of one": (TCP + ("--user", "99999999999"), "'99999999999'"),
    "a group that does not exist": (TCP + ("--group", "no-such-group"), "'no-such-group'"),
    "a pid file in no directory": (TCP + ("--pid", "nowhere/x.pid"), "nowhere' does not exist"),
    "a pid file below a file": (TCP + ("--pid", "file/x.pid"), "file' is not a directory"),
    "a pid file that is a directory": (TCP + ("--pid", "directory"), "directory' is a directory"),
    "a pid file of a live process": (TCP + ("--pid", "live.pid"), "Already running on PID %d" % os.getpid()),
    "a socket where a file is": (("--bind", "unix:file"), "'file' is not a socket"),
    "a socket where a directory is": (("--bind", "unix:directory"), "'directory' is not a socket"),
    "a socket where a fifo is": (("--bind", "unix:fifo"), "'fifo' is not a socket"),
    "a socket where a link is": (("--bind", "unix:link"), "'link' is not a socket"),
    "a socket in no directory": (("--bind", "unix:nowhere/s.sock"), "nowhere' does not exist"),
    "a socket whose path is too long": (("--bind", "unix:" + "x" * 200), "x" * 100),
    "a directory to change to that is none": (TCP + ("--chdir", "file"), "file'"),
    "a log that is a directory": (TCP + ("--error-logfile", "directory"), "directory"),
    # What was made on the way is taken back: the pid file, the socket.
    "a file in the place of the second socket": (
        ("--pid", "new.pid", "--bind", "unix:new.sock", "--bind", "unix:file"), "'file' is not a socket"),
    "a live pid file behind a good socket": (
        ("--pid", "live.pid", "--bind", "unix:new.sock"), "Already running on PID %d" % os.getpid()),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_start_that_cannot_be_is_refused(server, folder, what):
    assert_refused(server, folder, *REFUSED[what])


def test_an_address_in_use_is_refused_after_five_attempts(server, folder):
    before = tree(folder)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        arguments = ("--pid", "new.pid", "--bind", "unix:new.sock", "--bind", "127.0.0.1:%d" % port, "--bind", "unix:live.sock")
        ended = Run(server.launch(*arguments, "hello:app", bind=None, cwd=folder))
    assert ended.status == 1
    assert ended.stderr.count("Can't connect to ('127.0.0.1', %d)" % port) == 1, ended
    assert tree(folder) == before


def test_a_live_unix_socket_is_refused(server, folder):
    before = tree(folder)
    ended = Run(server.launch("--pid", "new.pid", "--bind", "unix:live.sock", "hello:app", bind=None, cwd=folder))
    assert ended.status == 1
    assert ended.stderr.count("Can't connect to live.sock") == 1, ended
    assert tree(folder) == before


@needs_nobody
@pytest.mark.parametrize("arguments, said", [
    (TCP + ("--user", "root"), "'nobody' may not become 'root'"),
    (TCP + ("--group", "root"), "may not change to group"),
    (TCP + ("--pid", "new.pid"), "'nobody' may not write to"),
    (("--bind", "unix:new.sock"), "'nobody' may not write to"),
    (TCP + ("--error-logfile", "error.log"), "error.log"),
], ids=["user", "group", "pid file", "socket", "log"])
def test_what_an_ordinary_user_may_not_is_refused(server, folder, arguments, said):
    assert_refused(server, folder, arguments, said, command=NOBODY + [BINARY])
