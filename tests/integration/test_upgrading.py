"""USR2: a second master, executed from what is at the program's path now, shares the listening sockets; whichever of the two is
ended, the other one serves on."""

import os
import re
import shutil
import signal
import socket
import threading

import pytest

from raw_http import Connection, Truncated, get, request_bytes
from server_process import (
    BINARY, NEW_MASTER_IS_READY, PACKAGE, SANITIZED, TLS, ProcessFacts, children_of, end, environment, is_running, read, wait_until,
)  # fmt: skip
from service_manager import ServiceManager

GIVEN_UP = r"\[ERROR\] Upgrade given up: the new master \(pid:\d+\) exited with code (\d+) before it was ready"
PROMOTED = r"Master has been promoted\."

PID_APP = """
import os
def app(environ, start_response):
    text = ("%s " + str(os.getpid())).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
"""


def master_that_serves(address):
    """The parent of the worker that answers; the application says its pid in its last word."""
    return ProcessFacts(int(get(address).body.split()[-1])).parent


def promote(running):
    """Ends the old master; its new one says that it is the only one now."""
    known = len(re.findall(PROMOTED, read(running.errorlog)))
    assert running.stop() == 0
    wait_until(lambda: len(re.findall(PROMOTED, read(running.errorlog))) > known, "the promotion\n" + running.describe())


def test_a_new_master_takes_over_the_sockets_and_the_pid_file(server, upgrade, worker_kind, tmp_path):
    pidfile = tmp_path / "server.pid"
    running = server("--pid", pidfile, *worker_kind, "gate:app", env={"GATE": str(tmp_path)})
    new = upgrade(running)
    assert read(pidfile) == "%d\n" % running.pid and read(str(pidfile) + ".2") == "%d\n" % new
    assert ProcessFacts(new).parent == running.pid
    assert "Handling signal: usr2" in running.log
    promote(running)
    wait_until(lambda: read(pidfile) == "%d\n" % new, "the pid file of the new master")
    assert not os.path.exists(str(pidfile) + ".2")
    assert master_that_serves(running.address) == new
    end(new)
    assert not pidfile.exists()
    with pytest.raises(ConnectionRefusedError):
        get(running.address)


def test_the_old_master_may_be_killed(server, upgrade, tmp_path):
    pidfile = tmp_path / "server.pid"
    running = server("--pid", pidfile, "gate:app", env={"GATE": str(tmp_path)})
    new = upgrade(running)
    running.send_signal(signal.SIGKILL)  # nobody has waited for it yet when it is missed
    wait_until(lambda: read(pidfile) == "%d\n" % new, "the pid file of the new master")
    assert master_that_serves(running.address) == new


def test_the_new_master_runs_new_code_and_a_new_configuration(server, upgrade, tmp_path):
    (tmp_path / "versioned.py").write_text(PID_APP % "one")
    (tmp_path / "c.py").write_text("preload_app = True\nraw_env = ['STAGE=one']\n")
    running = server("-c", tmp_path / "c.py", "versioned:app")
    assert get(running.address).body.startswith(b"one ")
    (tmp_path / "versioned.py").write_text(PID_APP % "two")
    (tmp_path / "c.py").write_text("preload_app = True\nworkers = 2\n")
    new = upgrade(running)
    promote(running)
    assert get(running.address).body.startswith(b"two ")
    workers = wait_until(lambda: len(children_of(new)) == 2 and children_of(new), "two workers")
    assert "STAGE=" not in read("/proc/%d/environ" % workers[0])


def test_ending_the_new_master_undoes_the_upgrade(server, upgrade, tmp_path):
    pidfile = tmp_path / "server.pid"
    running = server("--pid", pidfile, "gate:app", env={"GATE": str(tmp_path)})
    for _ in range(2):
        new = upgrade(running)
        end(new)
        running.wait_for_log(r"\[WARNING\] Upgrade undone: the new master \(pid:%d\) exited with code 0; this one goes on" % new)
        assert read(pidfile) == "%d\n" % running.pid and not os.path.exists(str(pidfile) + ".2")
        assert master_that_serves(running.address) == running.pid


def test_a_new_master_may_be_the_old_one_of_the_next_upgrade(server, upgrade, tmp_path):
    pidfile = tmp_path / "server.pid"
    running = server("--pid", pidfile, "gate:app", env={"GATE": str(tmp_path)})
    first = upgrade(running)
    promote(running)
    descriptors = len(os.listdir("/proc/%d/fd" % first))
    os.kill(first, signal.SIGUSR2)
    second = int(wait_until(lambda: re.findall(NEW_MASTER_IS_READY, read(running.errorlog))[1:], "the second new master")[0])
    try:
        assert len(os.listdir("/proc/%d/fd" % second)) <= descriptors, "nothing is left open"
        end(first)
        wait_until(lambda: read(pidfile) == "%d\n" % second, "the pid file of the second new master")
        assert master_that_serves(running.address) == second
    finally:
        end(second)


@pytest.mark.parametrize("of_old", [True, False], ids=["old", "new"])
def test_a_second_usr2_is_ignored_while_two_masters_live(server, upgrade, tmp_path, of_old):
    running = server("gate:app", env={"GATE": str(tmp_path)})
    new = upgrade(running)
    os.kill(running.pid if of_old else new, signal.SIGUSR2)
    running.wait_for_log(r"\[WARNING\] USR2 signal ignored\. %s exists\." % ("Child" if of_old else "Parent"))
    assert len(re.findall("Upgrade: starting", running.log)) == 1


BROKEN = {
    "configuration": ({"c.py": "workers = 'many'\n"}, 1),
    "syntax": ({"c.py": "workers = = 1\n"}, 1),
    "application": ({"versioned.py": "raise RuntimeError('broken deployment')\n"}, 3),
    "no application": ({"versioned.py": "application = None\n"}, 4),
}


@pytest.mark.parametrize("files, status", BROKEN.values(), ids=list(BROKEN))
def test_a_new_master_that_fails_leaves_the_old_one_as_it_is(server, upgrade, tmp_path, files, status):
    (tmp_path / "versioned.py").write_text(PID_APP % "one")
    (tmp_path / "c.py").write_text("")
    path = str(tmp_path / "s.sock")
    running = server("-c", tmp_path / "c.py", "--pid", tmp_path / "pid", "versioned:app", bind="unix:" + path)
    (worker,) = running.wait_for_workers(1)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    running.send_signal(signal.SIGUSR2)
    assert running.wait_for_log(GIVEN_UP) == [str(status)]
    assert running.workers() == [worker] and get(path).body == b"one %d" % worker
    assert read(tmp_path / "pid") == "%d\n" % running.pid and not (tmp_path / "pid.2").exists()
    (tmp_path / "versioned.py").write_text(PID_APP % "two")
    (tmp_path / "c.py").write_text("")
    upgrade(running)


WHY = {
    "configuration": ("workers = 'many'\n", 1, r"error\[GCF\d+\]: workers: .*\n  --> \S*c\.py:1:"),
    "syntax": ("workers = = 1\n", 1, r"c\.py.*\n(.*\n)*.*SyntaxError"),
    "exit": ("raise SystemExit('no database')\n", 1, "no database"),
    "preloaded application": ("preload_app = True\n", 1, "RuntimeError: this module cannot be imported"),
}


@pytest.mark.parametrize("text, status, reason", WHY.values(), ids=list(WHY))
def test_the_log_of_a_daemon_says_why_its_new_master_failed(server, tmp_path, text, status, reason):
    (tmp_path / "mine.py").write_text(PID_APP % "one")
    config, pidfile, log = tmp_path / "c.py", tmp_path / "pid", tmp_path / "error.log"
    config.write_text("")
    command = server.launch("-c", config, "--daemon", "--pid", pidfile, "--error-logfile", log, "mine:app")
    assert command.wait() == 0
    old = int(read(pidfile))
    try:
        config.write_text(text)
        (tmp_path / "mine.py").write_text("from raises_at_import import app\n")
        os.kill(old, signal.SIGUSR2)
        assert wait_until(lambda: re.findall(GIVEN_UP, read(log)), "the end of the new master") == [str(status)]
        assert re.search(r"before it was ready; this one goes on\. It said:\n(.*\n)*.*" + reason, read(log)), read(log)
    finally:
        end(old)


def copied_program(folder):
    """A copy of the program that is started as FOLDER/bin/gunicorn, with its package beside it."""
    (folder / "bin").mkdir()
    shutil.copy(BINARY, folder / "bin" / "gunicorn")
    (folder / "bin" / "python").symlink_to(BINARY.parent / "python")
    return folder / "bin" / "gunicorn"


def test_what_is_at_the_path_of_the_program_now_is_executed(server, upgrade, tmp_path):
    program = copied_program(tmp_path)
    running = server("gate:app", command=[program, *TLS], env={"GATE": str(tmp_path)})
    old = os.stat(program).st_ino
    shutil.copy(BINARY, tmp_path / "newer")
    os.replace(tmp_path / "newer", program)
    new = upgrade(running)
    assert os.stat("/proc/%d/exe" % running.pid).st_ino == old
    assert os.stat("/proc/%d/exe" % new).st_ino == os.stat(program).st_ino != old


def test_a_link_to_the_program_is_followed_anew(server, upgrade, tmp_path):
    program = copied_program(tmp_path)
    link = tmp_path / "gunicorn"
    link.symlink_to(program)
    running = server("gate:app", command=[link, *TLS], env={"GATE": str(tmp_path)})
    (tmp_path / "release2").mkdir()
    newer = copied_program(tmp_path / "release2")
    link.unlink()
    link.symlink_to(newer)
    assert os.readlink("/proc/%d/exe" % upgrade(running)) == str(newer)


def test_a_program_that_is_gone_is_named_in_the_log(server, tmp_path):
    program = copied_program(tmp_path)
    running = server("gate:app", command=[program, *TLS], env={"GATE": str(tmp_path)})
    program.unlink()
    running.send_signal(signal.SIGUSR2)
    running.wait_for_log(r"\[ERROR\] The new master cannot be executed: %s: No such file" % program)
    running.wait_for_log(GIVEN_UP)
    assert master_that_serves(running.address) == running.pid


def test_pre_exec_is_called_in_the_process_that_becomes_the_new_master(server, upgrade, tmp_path):
    (tmp_path / "c.py").write_text(
        "import os\n"
        "def pre_exec(server):\n"
        "    os.environ['LATE'] = 'set by the hook'\n"
        "    server.log.info('pre_exec in %d of %d', os.getpid(), server.pid)\n"
        "def when_ready(server):\n"
        "    server.log.info('%s: LATE is %s; %s %s', server.proc_name, os.environ.get('LATE'), server.master_pid,\n"
        "                    server.reexec_pid)\n"
        "def on_exit(server):\n"
        "    server.log.info('leaves beside %s %s', server.master_pid, server.reexec_pid)\n"
    )
    running = server("-c", tmp_path / "c.py", "--name", "shop", "gate:app", env={"GATE": str(tmp_path)})
    new = upgrade(running)
    assert "pre_exec in %d of %d" % (new, running.pid) in running.log
    assert "shop: LATE is None; 0 0" in running.log
    assert "shop.2: LATE is None; %d 0" % running.pid in running.log, "the environment is that of the start"
    promote(running)
    assert "leaves beside 0 %d" % new in running.log


@pytest.mark.parametrize("code, status", [("raise RuntimeError('not now')", 1), ("raise SystemExit(7)", 7)])
def test_a_pre_exec_that_raises_ends_the_upgrade(server, tmp_path, code, status):
    (tmp_path / "c.py").write_text("def pre_exec(server):\n    %s\n" % code)
    running = server("-c", tmp_path / "c.py", "gate:app", env={"GATE": str(tmp_path)})
    running.send_signal(signal.SIGUSR2)
    assert running.wait_for_log(GIVEN_UP) == [str(status)]
    assert ("Exception in pre_exec hook\nTraceback" in running.log) == (status == 1)
    assert master_that_serves(running.address) == running.pid


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGKILL])
def test_a_hook_that_hangs_before_the_program_is_executed_ends_with_the_old_master(server, gate, tmp_path, signo):
    (tmp_path / "c.py").write_text("from gate import wait_at_gate\ndef pre_exec(server):\n    wait_at_gate('pre_exec')\n")
    path, pidfile = str(tmp_path / "s.sock"), tmp_path / "pid"
    running = server("-c", tmp_path / "c.py", "--pid", pidfile, "gate:app", bind="unix:" + path, env=gate.env)
    running.send_signal(signal.SIGUSR2)
    hanging = gate.wait_for("pre_exec")
    running.stop(signo)
    wait_until(lambda: not is_running(hanging), "nobody is left who has the listening socket\n" + running.describe())
    if signo == signal.SIGTERM:
        assert not pidfile.exists() and not os.path.exists(path), "nobody else needs them"


def test_the_old_master_may_be_ended_while_the_new_one_begins(server, gate, tmp_path):
    config, pidfile = tmp_path / "c.py", tmp_path / "pid"
    config.write_text("")
    running = server("-c", config, "--pid", pidfile, "gate:app", env=gate.env)
    config.write_text("from gate import wait_at_gate\nwait_at_gate('configuration')\n")
    running.send_signal(signal.SIGUSR2)
    new = gate.wait_for("configuration")
    try:
        assert running.stop() == 0
        gate.open("configuration")
        wait_until(lambda: read(pidfile) == "%d\n" % new, "the pid file of the new master\n" + running.describe())
        assert master_that_serves(running.address) == new
    finally:
        end(new)


def test_the_new_master_has_the_environment_directory_and_signals_of_the_start(server, upgrade, tmp_path):
    (tmp_path / "deeper").mkdir()
    (tmp_path / "c.py").write_text("chdir = %r\nraw_env = ['ADDED=1']\n" % str(tmp_path / "deeper"))
    program = copied_program(tmp_path)
    running = server("-c", "c.py", "gate:app", command=[program, *TLS], env={"GATE": str(tmp_path), "GIVEN": "yes"})
    os.rename(program, tmp_path / "bin" / "gunicorn.real")
    program.write_text('#!/bin/sh\nenv > %s/seen\npwd >> %s/seen\nexec "$0.real" "$@"\n' % (tmp_path, tmp_path))
    program.chmod(0o755)
    new = upgrade(running)
    *seen, directory = read(tmp_path / "seen").splitlines()
    variables = dict(entry.split("=", 1) for entry in seen if "=" in entry)
    assert directory == str(tmp_path)
    assert variables["GIVEN"] == "yes" and "ADDED" not in variables
    assert variables["GUNICORN_PID"] == str(running.pid)
    assert re.fullmatch(r"\d+", variables["GUNICORN_FD"])
    status = {master: read("/proc/%d/status" % master) for master in (running.pid, new)}
    for row in ("SigBlk", "SigIgn", "SigCgt"):
        assert len({re.search(r"^%s:\s*(\w+)" % row, text, re.M)[1] for text in status.values()}) == 1, row


def test_the_application_finds_nothing_of_the_upgrade_in_its_environment(server, upgrade, tmp_path):
    (tmp_path / "environ.py").write_text(
        "import os, subprocess\n"
        "def app(environ, start_response):\n"
        "    text = repr(sorted(os.environ)).encode() + subprocess.check_output(['env'])\n"
        "    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(text)))])\n"
        "    return [text]\n"
    )
    running = server("environ:app")
    upgrade(running)
    promote(running)
    body = get(running.address).body
    assert b"PATH" in body and b"GUNICORN_" not in body and b"LISTEN_" not in body


def test_a_unix_socket_keeps_its_file(server, upgrade, tmp_path):
    path = str(tmp_path / "s.sock")
    running = server("gate:app", bind="unix:" + path, env={"GATE": str(tmp_path)})
    inode = os.stat(path).st_ino
    end(upgrade(running))
    assert os.stat(path).st_ino == inode, "the new master leaves it to the old one"
    running.wait_for_log("Upgrade undone")
    new = upgrade(running)
    promote(running)
    assert os.stat(path).st_ino == inode and master_that_serves(path) == new
    end(new)
    assert not os.path.exists(path), "whoever is last removes it"


def test_addresses_may_come_and_go(server, upgrade, tmp_path):
    stays, comes, goes = (str(tmp_path / name) for name in ("stays", "comes", "goes"))
    config = tmp_path / "c.py"
    config.write_text("bind = ['unix:%s', 'unix:%s']\n" % (stays, goes))
    running = server("-c", config, "gate:app", bind=None, env={"GATE": str(tmp_path)})
    config.write_text("bind = ['unix:%s', 'unix:%s']\n" % (comes, stays))
    new = upgrade(running)
    assert master_that_serves(comes) == new
    assert {master_that_serves(goes) for _ in range(5)} == {running.pid}
    running.wait_for_log("unix:%s is not configured any more" % goes)
    promote(running)
    wait_until(lambda: not os.path.exists(goes), "the file that nobody needs is gone")
    assert master_that_serves(stays) == master_that_serves(comes) == new


@pytest.mark.parametrize("before, after", [(True, True), (True, False), (False, True)])
def test_reuse_port_is_upgraded_too(server, upgrade, tmp_path, before, after):
    config = tmp_path / "c.py"
    config.write_text("reuse_port = %s\n" % before)
    running = server("-c", config, "gate:app", env={"GATE": str(tmp_path)})
    config.write_text("reuse_port = %s\n" % after)
    new = upgrade(running)
    promote(running)
    assert master_that_serves(running.address) == new


@pytest.mark.skipif(SANITIZED, reason="a plain Python does not load the module")
def test_python_m_gunicorn_upgrades_too(server, upgrade, tmp_path):
    running = server("gate:app", command=["/usr/bin/python3", "-m", "gunicorn", *TLS],
                     env={"GATE": str(tmp_path), "PYTHONPATH": "%s:%s" % (PACKAGE, environment()["PYTHONPATH"])})
    new = upgrade(running)
    assert os.readlink("/proc/%d/exe" % new) == os.readlink("/proc/%d/exe" % running.pid)
    promote(running)
    assert master_that_serves(running.address) == new


def test_processes_of_the_new_master_are_told_apart(server, upgrade, tmp_path):
    (tmp_path / "setproctitle.py").write_text("def setproctitle(title):\n    open('titles', 'a').write(title + '\\n')\n")
    running = server("--name", "shop", "gate:app", env={"GATE": str(tmp_path)})
    new = upgrade(running)
    assert "gunicorn: worker [shop]\n" in read(tmp_path / "titles")
    assert re.search(r"master \[shop\.2\]\n(.*\n)*gunicorn: worker \[shop\.2\]\n", read(tmp_path / "titles"))
    os.kill(new, signal.SIGHUP)
    running.wait_for_log(r"Hang up: Master\.2")
    running.wait_for_log("Reload complete")
    promote(running)


@pytest.fixture
def manager(tmp_path):
    listening = ServiceManager(tmp_path / "notify")
    yield listening
    listening.close()


def under(manager, server, tmp_path):
    """A server that has told a service manager that it is ready."""
    running = server("gate:app", env={"GATE": str(tmp_path), "NOTIFY_SOCKET": manager.name})
    manager.wait_for("READY")
    return running


def test_a_service_manager_hears_only_the_new_master_once_it_is_named(server, upgrade, manager, tmp_path):
    running = under(manager, server, tmp_path)
    new = upgrade(running)
    assert manager.wait_for("MAINPID", str(new)) == manager.by_sender[running.pid][-1]
    assert new not in manager.senders, "its READY=1 would not be believed before"
    manager.wait_for("READY")
    promote(running)
    end(new)
    manager.wait_for("STOPPING")
    assert "MAINPID" in manager.by_sender[running.pid][-1], "its stop is not that of the service"
    assert [list(message)[0] for message in manager.by_sender[new]] == ["READY", "STOPPING"]


def test_a_service_manager_hears_the_old_master_again_when_the_upgrade_is_undone(server, upgrade, manager, tmp_path):
    running = under(manager, server, tmp_path)
    new = upgrade(running)
    manager.wait_for("MAINPID", str(new))
    manager.wait_for("READY")
    end(new)
    manager.wait_for("MAINPID", str(running.pid))
    assert manager.wait_for("READY") == manager.by_sender[running.pid][-1]
    assert [list(message)[0] for message in manager.by_sender[new]] == ["READY"], "its stop is not that of the service"
    running.stop()
    manager.wait_for("STOPPING")


@pytest.mark.parametrize("back", [signal.SIGTTIN, signal.SIGHUP])
def test_workers_of_a_daemon_leave_while_the_new_master_serves_and_come_back(server, gate, tmp_path, back):
    pidfile, log = tmp_path / "pid", tmp_path / "error.log"
    command = server.launch("--daemon", "--pid", pidfile, "--error-logfile", log, "gate:app", env=gate.env)
    assert command.wait() == 0
    old, new = int(read(pidfile)), 0
    address = re.findall(r"Listening at: http://([\d.]+):(\d+)", read(log))[0]
    address = address[0], int(address[1])
    try:
        with Connection(address) as slow:
            slow.send(request_bytes("/wait/one"))
            gate.wait_for()
            os.kill(old, signal.SIGUSR2)
            new = int(wait_until(lambda: re.findall(NEW_MASTER_IS_READY, read(log)), "a new master")[0])
            os.kill(old, signal.SIGWINCH)
            wait_until(lambda: "Handling signal: winch" in read(log), "the signal")
            gate.open()
            assert slow.read_response().status == 200, "what is in flight is answered"
        wait_until(lambda: children_of(old) == [new], "the workers of the old master left")
        assert master_that_serves(address) == new
        os.kill(old, back)
        wait_until(lambda: len(children_of(old)) == 2, "a worker of the old master is back\n" + read(log))
        end(new)
        assert master_that_serves(address) == old
    finally:
        for pid in filter(None, (new, old)):
            end(pid)


# Passes sockets as systemd does: from descriptor 3 on, to this one process.
AS_SYSTEMD = """
import os, sys
count = int(sys.argv[1])
passed = [os.dup2(int(fd), 100 + i) for i, fd in enumerate(sys.argv[2 : 2 + count])]
for i, fd in enumerate(passed):
    os.dup2(fd, 3 + i, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(count), LISTEN_FDNAMES="web")
os.execv(sys.argv[2 + count], sys.argv[2 + count :])
"""


@pytest.fixture
def activated(server, tmp_path):
    """Starts a server that gets listening sockets as from systemd."""
    passed = []

    def start(*arguments, sockets, launch=server.launch, **options):
        passed.extend(sockets)
        numbers = [str(one.fileno()) for one in sockets]
        command = ["/usr/bin/python3", "-c", AS_SYSTEMD, len(sockets), *numbers, BINARY, *TLS]
        options.setdefault("bind", None)
        return launch(*arguments, command=command, pass_fds=[one.fileno() for one in sockets], env={"GATE": str(tmp_path)}, **options)

    yield start
    for one in passed:
        one.close()


def listening(path=None):
    one = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    one.bind(path or ("127.0.0.1", 0))
    one.listen(16)
    return one


def test_sockets_of_systemd_are_served_over_reloads_and_upgrades(activated, upgrade, tmp_path):
    path = str(tmp_path / "s.sock")
    tcp, unix = listening(), listening(path)
    running = activated("gate:app", sockets=[tcp, unix]).wait_until_listening()
    assert running.addresses == [tcp.getsockname(), path]
    (worker,) = running.wait_for_workers(1)
    running.send_signal(signal.SIGHUP)
    running.wait_for_log("Reload complete")
    wait_until(lambda: not is_running(worker), "the end of the old worker")
    first = upgrade(running)
    promote(running)
    assert {master_that_serves(address) for address in running.addresses} == {first}
    os.kill(first, signal.SIGUSR2)
    second = int(wait_until(lambda: re.findall(NEW_MASTER_IS_READY, read(running.errorlog))[1:], "the second new master")[0])
    end(first)
    assert {master_that_serves(address) for address in running.addresses} == {second}
    end(second)
    assert os.path.exists(path), "it is systemd's"


def test_addresses_of_bind_that_systemd_did_not_pass_are_named(activated, tmp_path):
    tcp = listening()
    config = tmp_path / "c.py"
    config.write_text("bind = ['127.0.0.1:%d', 'unix:%s']\n" % (tcp.getsockname()[1], tmp_path / "other.sock"))
    running = activated("-c", config, "gate:app", sockets=[tcp]).wait_until_listening()
    assert running.addresses == [tcp.getsockname()] and not (tmp_path / "other.sock").exists()
    warnings = re.findall(r"warning\[GCF528\]: bind: (\S+) is not listened on", running.stderr)
    assert warnings == ["unix:%s" % (tmp_path / "other.sock")]


def test_a_passed_descriptor_that_is_no_listening_socket_ends_the_start(activated):
    silent = socket.socket()
    running = activated("gate:app", sockets=[listening(), silent])
    assert running.wait() == 1
    assert re.search(r"\[ERROR\] the socket passed by LISTEN_FDS cannot be used: fd://4 is not a listening stream socket", running.log)
    assert "Traceback" not in running.log


def test_sockets_meant_for_another_process_are_left_alone(server, tmp_path):
    running = server("gate:app", env={"GATE": str(tmp_path), "LISTEN_PID": "1", "LISTEN_FDS": "1"})
    assert master_that_serves(running.address) == running.pid


@pytest.mark.parametrize("variables", [{"GUNICORN_PID": "1", "GUNICORN_FD": "77"}, {"GUNICORN_PID": "1", "GUNICORN_FD": "x"},
                                       {"GUNICORN_PID": "me"}])
def test_a_start_with_unusable_variables_of_an_upgrade_says_so(server, tmp_path, variables):
    running = server.launch("gate:app", env={"GATE": str(tmp_path), **variables})
    assert running.wait() == 1
    wrong = [name for name in variables if name in running.stderr]
    assert wrong == list(variables)[-1:], running.stderr
    assert "Traceback" not in running.stderr


def test_a_descriptor_of_bind_survives_an_upgrade(server, upgrade, tmp_path):
    with listening() as one:
        running = server("gate:app", bind="fd://%d" % one.fileno(), pass_fds=[one.fileno()], env={"GATE": str(tmp_path)})
        running.send_signal(signal.SIGHUP)
        running.wait_for_log("Reload complete")
        for _ in range(2):
            end(upgrade(running))
            running.wait_for_log("Upgrade undone")
        new = upgrade(running)
        promote(running)
        assert master_that_serves(one.getsockname()) == new


def test_what_is_under_way_and_what_comes_is_answered_while_masters_change(server, upgrade, worker_kind, gate):
    running = server(*worker_kind, "--workers", "2", "gate:app", env=gate.env)
    answers, stop, failures = [], threading.Event(), []

    def ask():
        while not stop.is_set():
            try:
                answers.append(get(running.address).body)
            except (OSError, Truncated) as error:
                failures.append(error)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    with Connection(running.address) as slow:
        slow.send(request_bytes("/wait/one"))
        worker = gate.wait_for()
        for asker in askers:
            asker.start()
        try:
            new = upgrade(running)
            running.send_signal(signal.SIGTERM)
            gate.open()
            response = slow.read_response()
            assert running.wait() == 0
            served = len(answers)
            wait_until(lambda: len(answers) > served + 20, "twenty more answers")
        finally:
            stop.set()
            for asker in askers:
                asker.join()
    assert response.status == 200 and int(response.body) == worker
    assert not failures, failures
    assert master_that_serves(running.address) == new
