"""What a server does for its surroundings: processors, masks, names, users."""

import grp
import os
import pathlib
import pwd
import re
import signal
import socket
import stat
import tempfile

import pytest

from raw_http import get
from server_process import BINARY, children_of, is_running, read, wait_until

AUTO = r"auto: (\d+) \(2 x (\d+) processors? \+ 1; (.*)\)"


def usable():
    """Processors that the affinity of the test leaves to a server."""
    return len(os.sched_getaffinity(0))


@pytest.mark.parametrize("given", ["option", "variable", "file", "commands"])
def test_workers_may_be_auto_in_every_source(server, tmp_path, given):
    arguments, env = [], {}
    if given == "option":
        arguments = ["-w", "auto"]
    elif given == "variable":
        env = {"WEB_CONCURRENCY": "auto"}
    elif given == "commands":
        env = {"GUNICORN_CMD_ARGS": "--workers=AUTO"}
    else:
        (tmp_path / "conf.py").write_text("workers = 'auto'\n")
        arguments = ["-c", "conf.py"]
    running = server(*arguments, "hello:app", env=env)
    workers, processors, because = running.wait_for_log(r"\[INFO\] workers: " + AUTO)[0]
    assert int(processors) <= usable() and int(workers) == 2 * int(processors) + 1
    assert because in ("affinity of the process", "quota of the control group")
    running.wait_for_workers(int(workers))


def test_affinity_limits_the_automatic_number(server):
    one = min(os.sched_getaffinity(0))
    running = server("-w", "auto", "hello:app", command=["/usr/bin/taskset", "-c", one, BINARY])
    assert running.wait_for_log(r"workers: auto: 3 \(2 x 1 processor \+ 1; ")
    running.wait_for_workers(3)


def test_a_check_shows_the_automatic_number(run):
    page = run("-w", "auto", "--check-config", "hello:app").stdout
    assert re.search(r"^processes +1 master, \d+ workers \(sync\), " + AUTO + "$", page, re.M), page
    shown = run("-w", "auto", "--print-config", "hello:app").stdout
    assert re.search(r"^workers +=  *\d+$", shown, re.M), shown


def test_hooks_see_the_automatic_number_and_may_ask_for_it(server, tmp_path):
    (tmp_path / "conf.py").write_text(
        "workers = 'auto'\n"
        "def on_starting(server):\n"
        "    before = server.cfg.workers\n"
        "    server.cfg.set('workers', 'auto')\n"
        "    server.log.info('numbers: %r %r', before, server.cfg.workers)\n"
    )
    running = server("-c", "conf.py", "hello:app")
    before, after = running.wait_for_log(r"numbers: (\d+) (\d+)")[0]
    assert before == after and int(before) >= 3


def test_another_word_is_no_number_of_workers(run):
    ended = run("-w", "many", "hello:app")
    assert ended.status == 2 and "argument -w/--workers: invalid int value: 'many'" in ended.stderr


# umask, unix sockets


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize(
    "source, text",
    [("option", "022"), ("option", "0022"), ("option", "0o22"), ("option", "18"), ("file", "0o22"), ("file", "'0022'"),
     ("file", "'022'"), ("file", "18"), ("variable", "0022"), ("paste", "0022")],
)
def test_the_umask_is_octal_in_every_source_and_decides_the_mode_of_a_unix_socket(server, tmp_path, source, text):
    path = tmp_path / "shop.sock"
    arguments, env = [], {}
    if source == "option":
        arguments = ["--umask", text]
    elif source == "file":
        (tmp_path / "conf.py").write_text("umask = %s\n" % text)
        arguments = ["-c", "conf.py"]
    elif source == "variable":
        env = {"GUNICORN_SETTING_UMASK": text}
    else:
        (tmp_path / "shop.ini").write_text("[server:main]\numask = %s\n" % text)
        arguments = ["--paste", "shop.ini"]
    running = server("--bind", "unix:%s" % path, *arguments, "hello:app", bind=None, env=env)
    assert mode(path) == 0o755
    assert get(running.address).status == 200


def test_the_umask_of_the_application_stays_that_of_whoever_starts_the_server(server, tmp_path):
    (tmp_path / "mine.py").write_text("open('made', 'w').close()\nfrom hello import app\n")
    before = os.umask(0o027)
    try:
        running = server("--umask", "0", "--bind", "unix:%s" % (tmp_path / "s"), "mine:app", bind=None)
        assert get(running.address).status == 200
    finally:
        os.umask(before)
    assert mode(tmp_path / "s") == 0o777 and mode(tmp_path / "made") == 0o640


def test_the_socket_of_a_server_that_died_is_replaced(server, tmp_path):
    path = tmp_path / "shop.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    running = server("--bind", "unix:%s" % path, "hello:app", bind=None)
    assert get(running.address).status == 200
    running.stop()
    assert not path.exists()


def test_the_socket_of_a_running_server_is_not_taken(server, tmp_path):
    path = tmp_path / "shop.sock"
    first = server("--bind", "unix:%s" % path, "hello:app", bind=None)
    inode = os.stat(path).st_ino
    assert server.launch("--bind", "unix:%s" % path, "hello:app", bind=None).wait() == 1
    assert os.stat(path).st_ino == inode
    assert get(first.address).status == 200


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_what_is_no_socket_is_left_alone(server, tmp_path, kind):
    path = tmp_path / "shop.sock"
    path.write_text("precious") if kind == "file" else path.mkdir()
    running = server.launch("--bind", "unix:%s" % path, "hello:app", bind=None)
    assert running.wait() == 1
    assert "is not a socket" in running.stderr
    assert path.is_dir() if kind == "directory" else path.read_text() == "precious"


# names of processes


def title(pid):
    return read("/proc/%d/cmdline" % pid).replace("\0", " ").strip()


@pytest.mark.parametrize("arguments, name", [(["--name", "shop"], "shop"), ([], "hello:app")])
def test_processes_have_titles_where_setproctitle_is_installed(server, tmp_path, arguments, name):
    (tmp_path / "setproctitle.py").write_text("def setproctitle(title):\n    open('titles', 'a').write(title + '\\n')\n")
    running = server(*arguments, "hello:app")
    running.wait_for_workers(1)
    assert read(tmp_path / "titles").split("\n")[:2] == ["gunicorn: master [%s]" % name, "gunicorn: worker [%s]" % name]


def test_without_setproctitle_the_command_line_stays(server, tmp_path):
    (tmp_path / "setproctitle.py").write_text("raise ImportError('not installed')\n")
    running = server("--name", "shop", "hello:app")
    for pid in [running.pid, *running.wait_for_workers(1)]:
        assert title(pid) == " ".join(running.command)


# pidfile


def test_a_relative_pidfile_is_relative_to_chdir(server, tmp_path):
    (tmp_path / "shop").mkdir()
    running = server("--chdir", "shop", "--pid", "run.pid", "hello:app")
    assert read(tmp_path / "shop" / "run.pid") == "%d\n" % running.pid
    assert running.stop() == 0
    assert not (tmp_path / "shop" / "run.pid").exists()


# user and group


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
NOBODY = pwd.getpwnam("nobody")


def ids(pid):
    status = read("/proc/%d/status" % pid)
    return {key: list(map(int, re.search(r"^%s:[ \t]*(.*)$" % key, status, re.M)[1].split())) for key in ("Uid", "Gid", "Groups")}


@pytest.fixture
def open_folder():
    """A folder that everybody may enter, which pytest's are not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


@needs_root
@pytest.mark.parametrize("form", ["names", "numbers"])
def test_workers_become_the_user_and_the_unix_socket_is_his(server, open_folder, form):
    path = open_folder / "shop.sock"
    group = grp.getgrgid(NOBODY.pw_gid)
    user, of = (NOBODY.pw_name, group.gr_name) if form == "names" else (NOBODY.pw_uid, NOBODY.pw_gid)
    running = server("--user", user, "--group", of, "--umask", "077", "--bind", "unix:%s" % path, "hello:app", bind=None, cwd=open_folder)
    for pid in running.wait_for_workers(1):
        wait_until(lambda: ids(pid)["Uid"] == [NOBODY.pw_uid] * 4, "the worker is nobody")
        assert ids(pid)["Gid"] == [NOBODY.pw_gid] * 4
        assert ids(pid)["Groups"] == [NOBODY.pw_gid], "root's groups are gone"
    assert ids(running.pid)["Uid"] == [0] * 4
    found = os.stat(path)
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (NOBODY.pw_uid, NOBODY.pw_gid, 0o700)
    assert get(running.address).status == 200


@needs_root
def test_initgroups_gives_workers_the_groups_of_the_user(server, open_folder):
    users = [one for one in pwd.getpwall() if len(os.getgrouplist(one.pw_name, one.pw_gid)) > 1 and one.pw_uid != 0]
    user = users[0] if users else NOBODY
    running = server("--user", user.pw_name, "--group", user.pw_gid, "--initgroups", "hello:app", cwd=open_folder)
    (worker,) = running.wait_for_workers(1)
    wait_until(lambda: ids(worker)["Uid"] == [user.pw_uid] * 4, "the worker switched")
    assert sorted(ids(worker)["Groups"]) == sorted(os.getgrouplist(user.pw_name, user.pw_gid))


def files_of(pid):
    return {os.path.realpath("/proc/%d/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%d/fd" % pid)}


@needs_root
@pytest.mark.parametrize("background", [False, True])
def test_logs_and_pidfile_are_usable_when_workers_are_somebody_else(server, open_folder, background):
    logs = open_folder / "logs"
    logs.mkdir()
    os.chown(logs, NOBODY.pw_uid, NOBODY.pw_gid)
    error, access, pidfile = logs / "error.log", logs / "access.log", open_folder / "run.pid"
    arguments = ["--user", "nobody", "--pid", pidfile, "--error-logfile", error, "--access-logfile", access]
    command = server.launch(*arguments, *(["--daemon"] if background else []), "hello:app", cwd=open_folder)
    pid = int(wait_until(lambda: read(pidfile), "the pid file is there"))
    try:
        (host, port), = wait_until(lambda: re.findall(r"Listening at: http://([\d.]+):(\d+)", read(error)), "it listens")
        assert get((host, int(port))).status == 200
        wait_until(lambda: "GET / " in read(access), "the access line is written")
        for log in (error, access):
            log.rename(log.with_suffix(".1"))
        os.kill(pid, signal.SIGUSR1)
        (worker,) = wait_until(lambda: children_of(pid), "a worker")
        wait_until(lambda: {str(error), str(access)} <= files_of(worker), "the worker writes to the new files")
        assert get((host, int(port))).status == 200
        wait_until(lambda: "GET / " in read(access), "the access line is written to the new file")
        assert os.stat(access).st_uid == NOBODY.pw_uid
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not is_running(pid), "it ended")
    assert command.wait() == 0
    assert not pidfile.exists()


@needs_root
def test_a_user_that_does_not_exist_is_exit_1(run):
    ended = run("--user", "no-such-user", "hello:app")
    assert ended.status == 1 and ended.findings[0].name == "no-such-user"
