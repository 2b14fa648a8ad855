"""USR1 under load: each request has its one line, in one of the files."""

import collections
import os
import re
import signal

import pytest

from load_generator import Clients, Load, slow
from raw_http import get
from server_process import read, wait_until

FEW = (Clients(3), Clients(3, keep=True), Clients(1, slow(20)))
ROTATIONS = 5
NOBODY = 65534


def rotate(running, folder, number, load):
    """Renames the log and waits until everybody writes into a new one."""
    os.rename(folder / "a.log", folder / ("a.log.%d" % number))
    running.send_signal(signal.SIGUSR1)

    def all_reopened():
        for pid in running.workers():
            try:
                targets = [os.readlink("/proc/%d/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%d/fd" % pid)]
            except OSError:
                return False
            if str(folder / "a.log") not in targets:
                return False
        return True

    wait_until(all_reopened, "the new file in every worker")
    load.wait_for_more(2)


def lines_by_token(folder):
    text = "".join(read(path) for path in folder.glob("a.log*"))
    assert text.endswith("\n")
    return collections.Counter(re.fullmatch(r"/\S*?([\d-]+) 200", line)[1] for line in text.splitlines())


@pytest.mark.parametrize("workers", [1, 3])
def test_no_line_is_lost_or_doubled(server, worker_kind, tmp_path, workers):
    folder = tmp_path / "logs"
    folder.mkdir()
    running = server(*worker_kind, "--workers", workers, "--access-logfile", folder / "a.log", "--access-logformat", "%(U)s %(s)s",
                     "--error-logfile", folder / "error.log", "loaded:app", errorlog=folder / "error.log")
    running.wait_for_workers(workers)
    with Load(running.address, FEW) as load:
        load.wait_for_more(1)
        for number in range(ROTATIONS):
            rotate(running, folder, number, load)
    load.assert_nothing_lost()
    assert running.stop() == 0
    assert lines_by_token(folder) == {token: 1 for token in load.answered}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_workers_of_another_user_rotate_in_a_folder_that_is_roots(server, worker_kind, tmp_path):
    for part in [tmp_path, *tmp_path.parents]:
        if part.stat().st_uid == 0 and part != part.parent:
            part.chmod(part.stat().st_mode | 0o055)
    folder = tmp_path / "logs"
    folder.mkdir()
    folder.chmod(0o755)
    running = server(*worker_kind, "--workers", 2, "--user", NOBODY, "--group", NOBODY, "--access-logfile", folder / "a.log",
                     "--access-logformat", "%(U)s %(s)s", "--error-logfile", folder / "error.log", "loaded:app",
                     errorlog=folder / "error.log")
    running.wait_for_workers(2)
    with Load(running.address, FEW) as load:
        load.wait_for_more(1)
        for number in range(2):
            rotate(running, folder, number, load)
            assert (folder / "a.log").stat().st_uid == NOBODY
    load.assert_nothing_lost()
    assert running.stop() == 0
    assert "isn't writable" not in running.log
    assert lines_by_token(folder) == {token: 1 for token in load.answered}


def test_a_worker_that_is_only_just_born_writes_into_the_new_file(server, worker_kind, gate, tmp_path):
    """USR1 comes before it has handlers of its own."""
    (tmp_path / "conf.py").write_text("from gate import wait_at_gate\ndef post_fork(server, worker):\n    wait_at_gate('one')\n")
    running = server(*worker_kind, "-c", "conf.py", "--log-level", "debug", "--access-logfile", "a.log", "hello:app",
                     env=gate.env)
    gate.wait_for()
    os.rename(tmp_path / "a.log", tmp_path / "a.log.1")
    running.send_signal(signal.SIGUSR1)
    wait_until((tmp_path / "a.log").exists, "the master's new file")
    running.wait_for_log("Handling signal: usr1")
    running.send_signal(signal.SIGWINCH)
    running.wait_for_log("SIGWINCH ignored")  # so the master has told the worker
    gate.open()
    assert get(running.address, "/first").status == 200
    wait_until(lambda: "/first" in read(tmp_path / "a.log"), "a line in the new file")
    assert read(tmp_path / "a.log.1") == ""
