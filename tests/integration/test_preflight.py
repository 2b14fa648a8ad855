"""What --check-config says about this host, beside servers that run, and what it leaves behind: nothing."""

import os
import pathlib
import shutil
import socket
import stat
import subprocess
import tempfile

import pytest

from raw_http import get
from server_process import BINARY, environment

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
AS_ROOT = os.geteuid() == 0


def nobody_may_run_it():
    if not AS_ROOT or shutil.which("setpriv") is None:
        return False
    tried = subprocess.run(NOBODY + [BINARY, "--version"], capture_output=True, env=environment(), cwd="/")
    return tried.returncode == 0


needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can ask as somebody else")
needs_nobody = pytest.mark.skipif(not nobody_may_run_it(), reason="the program cannot be run as another user here")


def said(result):
    """[(severity, setting, name of the code)]"""
    return [(one.severity, one.setting, one.name) for one in result.findings]


def listener(address=("127.0.0.1", 0), family=socket.AF_INET):
    made = socket.socket(family)
    if family == socket.AF_INET:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(address)
    made.listen()
    return made


def port_of(made):
    return made.getsockname()[1]


def free_port():
    with listener() as made:
        return port_of(made)


@pytest.fixture
def check(run):
    def command(*arguments, **options):
        return run("--check-config", *arguments, "hello:app", **options)

    return command


@pytest.fixture
def public_folder():
    """A directory that everybody may enter; pytest's are for their owner."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gn-preflight-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


# Beside the running server.


def test_beside_its_own_server_a_check_has_notes_and_succeeds(server, check):
    running = server("--pid", "run.pid", "hello:app")
    port = running.address[1]
    result = check("--bind", "127.0.0.1:%d" % port, "--pid", "run.pid")
    assert result.status == 0, result
    assert said(result) == [("note", "bind", "held-by-this-server"), ("note", "pidfile", "held-by-this-server")]
    assert all("(pid %d)" % running.pid in one.message for one in result.findings)
    assert get(running.address).status == 200


def test_without_a_pid_file_the_same_command_in_the_same_directory_is_the_same_server(server, check, tmp_path):
    bind = "127.0.0.1:%d" % free_port()
    running = server("hello:app", bind=bind)
    result = check("--bind", bind)
    assert (result.status, said(result)) == (0, [("note", "bind", "held-by-this-server")]), result
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = check("--bind", bind, cwd=elsewhere)
    assert (other.status, said(other)) == (1, [("error", "bind", "address-in-use")]), other
    assert "(pid %d)" % running.pid in other.findings[0].message


def test_the_pid_file_of_another_server_is_taken(server, check, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    running = server("--pid", tmp_path / "run.pid", "kinds:app", cwd=elsewhere)
    result = check("--bind", "127.0.0.1:0", "--pid", "run.pid")
    assert (result.status, said(result)) == (1, [("error", "pidfile", "pidfile-taken")]), result
    assert "(pid %d)" % running.pid in result.findings[0].message


def test_its_own_unix_socket_is_a_note(server, check, tmp_path):
    path = tmp_path / "s.sock"
    server("--pid", "run.pid", "hello:app", bind="unix:%s" % path)
    result = check("--bind", "unix:s.sock", "--pid", "run.pid")
    assert result.status == 0, result
    assert ("note", "bind", "held-by-this-server") in said(result)


# Beside strangers.


@pytest.mark.parametrize("theirs,ours", [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "0.0.0.0"),
                                         ("127.0.0.1", "[::]"), ("127.0.0.1", "localhost")])
def test_a_port_of_somebody_else_is_an_error_that_names_him(check, tmp_path, theirs, ours):
    with listener((theirs, 0)) as stranger:
        (tmp_path / "gunicorn.conf.py").write_text("\nbind = '%s:%d'\n" % (ours, port_of(stranger)))
        result = check()
    assert (result.status, said(result)) == (1, [("error", "bind", "address-in-use")]), result
    assert "(pid %d)" % os.getpid() in result.findings[0].message
    assert result.findings[0].line == "gunicorn.conf.py:2"


def test_a_stranger_on_all_of_ipv6_perhaps_has_ipv4_too(check):
    with socket.socket(socket.AF_INET6) as stranger:
        stranger.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        stranger.bind(("::", 0))
        stranger.listen()
        result = check("--bind", "127.0.0.1:%d" % port_of(stranger))
    assert (result.status, said(result)) == (0, [("warning", "bind", "address-in-use")]), result


def test_a_connection_on_the_port_is_no_listener(check):
    with listener() as stranger, socket.create_connection(stranger.getsockname()) as connection:
        result = check("--bind", "127.0.0.1:%d" % connection.getsockname()[1])
    assert (result.status, said(result)) == (0, []), result


def test_entries_of_bind_that_exclude_each_other_fail_at_a_start_and_in_a_check(check, server):
    port = free_port()
    arguments = ("--bind", "0.0.0.0:%d" % port, "--bind", "127.0.0.1:%d" % port)
    result = check(*arguments)
    assert (result.status, said(result)) == (1, [("error", "bind", "overlapping-addresses")]), result
    started = server.launch(*arguments, "hello:app", bind=None)
    assert started.wait() == 1
    assert "Connection in use: ('127.0.0.1', %d)" % port in started.stderr


def test_an_address_of_another_host_is_an_error(check):
    result = check("--bind", "203.0.113.77:8000")
    assert (result.status, said(result)) == (1, [("error", "bind", "address-not-available")]), result


# Unix sockets and pid files in each state.


def test_the_states_of_a_unix_socket(check, tmp_path):
    def findings(path):
        result = check("--bind", "unix:%s" % path)
        return result.status, said(result)

    path = tmp_path / "s.sock"
    assert findings(path) == (0, [])
    assert findings(tmp_path / "nope" / "s.sock") == (1, [("error", "bind", "no-such-directory")])
    with listener(str(path), socket.AF_UNIX):
        assert findings(path) == (1, [("error", "bind", "address-in-use")])
    assert findings(path) == (0, [("note", "bind", "replaceable-file")])
    path.unlink()
    path.write_text("data")
    assert findings(path) == (1, [("error", "bind", "not-a-socket")])
    assert findings(path / "s.sock") == (1, [("error", "bind", "not-writable")])
    assert findings("x" * 108) == (1, [("error", "bind", "not-an-address")])
    assert path.read_text() == "data"


def test_the_states_of_a_pid_file(check, tmp_path):
    def findings(content):
        (tmp_path / "run.pid").write_text(content)
        result = check("--bind", "127.0.0.1:0", "--pid", "run.pid")
        assert (tmp_path / "run.pid").read_text() == content
        return result.status, said(result)

    assert findings("2147483000\n") == (0, [("note", "pidfile", "replaceable-file")])
    assert findings("%d\n" % os.getpid()) == (1, [("error", "pidfile", "pidfile-taken")])
    assert findings("x = 1\n") == (0, [("warning", "pidfile", "replaceable-file")])


# Paths, with the line that names them.


def test_every_path_is_judged_where_it_is_set(check, tmp_path):
    lines = {
        1: ("pidfile = '/nope/x.pid'", "error", "no-such-directory"),
        2: ("errorlog = '/nope/x.log'", "error", "log-not-writable"),
        3: ("accesslog = '/tmp'", "error", "log-not-writable"),
        4: ("worker_tmp_dir = '/nope'", "warning", "no-such-directory"),
        5: ("tmp_upload_dir = '/nope'", "error", "no-such-directory"),
        6: ("pythonpath = '/nope'", "warning", "no-such-directory"),
        7: ("bind = 'unix:/nope/x.sock'", "error", "no-such-directory"),
        8: ("certfile = '/nope.pem'", "error", "no-such-file"),
    }
    (tmp_path / "gunicorn.conf.py").write_text("".join(line + "\n" for line, _, _ in lines.values()))
    result = check()
    found = [(one.line, one.severity, one.name) for one in result.findings if one.name != "not-supported-yet"]
    assert found == [("gunicorn.conf.py:%d" % number, severity, name) for number, (_, severity, name) in lines.items()]
    assert result.status == 1


def test_a_start_names_the_log_that_it_cannot_write(run, tmp_path):
    (tmp_path / "gunicorn.conf.py").write_text("bind = '127.0.0.1:0'\naccesslog = '/nope/x.log'\n")
    result = run("hello:app")
    assert (result.status, result.diagnostics) == (1, [("gunicorn.conf.py:2", "accesslog", "log-not-writable")]), result


# Other users.


@needs_root
def test_what_workers_open_is_judged_as_their_user(check, public_folder):
    closed = public_folder / "closed"
    closed.mkdir(mode=0o700)
    (public_folder / "gunicorn.conf.py").write_text(
        "bind = 'unix:closed/s.sock'\npidfile = 'closed/run.pid'\nuser = group = 65534\n"
        "errorlog = 'closed/error.log'\ntmp_upload_dir = 'closed'\n"
    )
    result = check(cwd=public_folder)
    assert result.status == 1, result
    assert [(one.line, one.severity, one.name) for one in result.findings] == [
        ("gunicorn.conf.py:4", "warning", "log-not-writable"),
        ("gunicorn.conf.py:5", "error", "not-writable"),
    ]
    assert "closed'" in result.findings[0].message


@needs_nobody
def test_an_ordinary_user_may_neither_have_low_ports_nor_become_somebody_else(check, public_folder):
    command = NOBODY + [BINARY]
    limit = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if limit > 80:
        result = check("--bind", "127.0.0.1:80", command=command, cwd=public_folder)
        assert (result.status, said(result)) == (1, [("error", "bind", "privileged-port")]), result
    result = check("--bind", "127.0.0.1:0", "--user", "33", command=command, cwd=public_folder)
    assert (result.status, said(result)) == (1, [("error", "user", "cannot-switch-user")]), result
    result = check("--bind", "127.0.0.1:0", "--pid", "run.pid", command=command, cwd=public_folder)
    assert (result.status, said(result)) == (1, [("error", "pidfile", "not-writable")]), result


@needs_nobody
def test_an_ordinary_user_is_told_whose_port_it_is_without_seeing_the_process(check, public_folder):
    with listener() as stranger:
        bind = "127.0.0.1:%d" % port_of(stranger)
        result = check("--bind", bind, command=NOBODY + [BINARY], cwd=public_folder)
    assert (result.status, said(result)) == (1, [("error", "bind", "address-in-use")]), result
    assert "a process of 'root'" in result.findings[0].message


@needs_nobody
def test_an_ordinary_user_recognises_the_server_of_root_by_its_pid_file(server, check, public_folder):
    running = server("--pid", "run.pid", "hello:app", cwd=public_folder)
    public_folder.chmod(0o777)
    result = check("--bind", "127.0.0.1:%d" % running.address[1], "--pid", "run.pid", command=NOBODY + [BINARY], cwd=public_folder)
    assert (result.status, {one.name for one in result.findings}) == (0, {"held-by-this-server"}), result


# Inherited sockets.


def test_an_inherited_descriptor_is_looked_at(check, tmp_path):
    with listener() as passed, open(os.devnull) as file:
        result = check("--bind", "fd://%d" % passed.fileno(), pass_fds=[passed.fileno()])
        assert (result.status, said(result)) == (0, []), result
        result = check("--bind", "fd://%d" % file.fileno(), pass_fds=[file.fileno()])
        assert (result.status, said(result)) == (1, [("error", "bind", "bad-inherited-socket")]), result
        result = check("--bind", "fd://%d" % passed.fileno())
        assert (result.status, said(result)) == (0, [("warning", "bind", "bad-inherited-socket")]), result


# No trace.


def snapshot(folder):
    def facts(path):
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        return status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, content

    return {str(path): facts(path) for path in [folder, *folder.rglob("*")]}


def test_a_check_leaves_no_trace(check, public_folder):
    port = free_port()
    (public_folder / "left.pid").write_text("2147483000\n")
    (public_folder / "error.log").write_text("a line\n")
    listener(str(public_folder / "left.sock"), socket.AF_UNIX).close()
    live = listener(str(public_folder / "live.sock"), socket.AF_UNIX)
    taken = listener()
    live.setblocking(False)
    taken.setblocking(False)
    (public_folder / "gunicorn.conf.py").write_text(
        "bind = ['127.0.0.1:%d', '127.0.0.1:%d', 'unix:left.sock', 'unix:live.sock', 'unix:new.sock']\n"
        "pidfile = 'left.pid'\nerrorlog = 'error.log'\naccesslog = 'new.log'\ntmp_upload_dir = '.'\n" % (port, port_of(taken))
    )
    before = snapshot(public_folder)
    with live, taken:
        result = check(cwd=public_folder)
        for sock in (live, taken):
            with pytest.raises(BlockingIOError):
                sock.accept()  # nobody connected to find out
    assert said(result) == [
        ("error", "bind", "address-in-use"),
        ("note", "bind", "replaceable-file"),
        ("error", "bind", "address-in-use"),
        ("note", "pidfile", "replaceable-file"),
    ], result
    assert snapshot(public_folder) == before
    with listener(("127.0.0.1", port)):
        pass  # nobody is there
