"""What the host does to a running server: no descriptors, no room on the disk, directories that vanish, clocks that jump,
signals in thousands. It serves on, and is itself again when that is over."""

import email.utils
import itertools
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

from load_generator import Clients, Load, slow, stream, upload
from raw_http import Connection, get, request_bytes
from server_process import APPS, BINARY, SANITIZED, TLS, read, wait_until

FEW = (Clients(2), Clients(2, keep=True), Clients(1, slow(20)), Clients(1, stream(10)), Clients(1, upload(100_000)))


def limited(*limits):
    """The command of a server that may not have more."""
    return ["prlimit", *limits, "--", BINARY, *TLS]


def reload(running):
    known = running.log.count("Reload complete.")
    running.send_signal(signal.SIGHUP)
    running.wait_for_log(r"Reload complete\.", known + 1)


# descriptors


@pytest.mark.skipif(SANITIZED, reason="a sanitizer needs descriptors of its own")
def test_64_descriptors_are_enough_to_serve_to_reload_and_to_stop(server, worker_kind):
    running = server(*worker_kind, "--workers", "2", "--keep-alive", "100", "loaded:app", command=limited("--nofile=64"))
    running.wait_for_workers(2)
    # More than both workers have room for. Those that say nothing are not accepted before a second is over.
    crowd = [Connection(running.address) for _ in range(200)]
    for number, connection in enumerate(crowd):
        connection.send(request_bytes("/echo/%d" % number)[:-2])
    running.wait_for_log("accept: Too many open files")
    for connection in crowd[::2]:
        connection.close()
    for number, connection in list(enumerate(crowd))[1::2]:
        connection.send(b"Connection: close\r\n\r\n")
        assert connection.read_response().body.startswith(b"%d " % number)
        connection.close()
    running.wait_for_log("accept: there is room for new connections again")
    with Load(running.address, FEW) as load:
        load.wait_for_more()
        reload(running)
        load.wait_for_answers_of(running.wait_for_workers(2))
    load.assert_nothing_lost()
    assert running.stop() == 0


# room on the disk


def test_a_full_disk_costs_lines_of_the_logs_and_nothing_else(server, worker_kind, tmp_path):
    """A file that may not become larger stands for a disk that is full: EFBIG instead of ENOSPC."""
    size = 65536
    running = server(*worker_kind, "--workers", "2", "--access-logfile", "access.log", "--error-logfile", "error.log", "loaded:app",
                     command=limited("--fsize=%d" % size), errorlog=tmp_path / "error.log")
    running.wait_for_workers(2)

    def is_full():
        return os.path.getsize(tmp_path / "access.log") == size

    with Load(running.address, (Clients(4),)) as load:
        wait_until(is_full, "a full access log")
        load.wait_for_more()
        (tmp_path / "error.log").write_text(read(tmp_path / "error.log") + "x" * size)
        running.send_signal(signal.SIGTTIN)
        load.wait_for_answers_of(wait_until(lambda: len(running.workers()) == 3 and running.workers(), "a third worker"))

        for name in ("access.log", "error.log"):
            os.rename(tmp_path / name, tmp_path / (name + ".1"))
        running.send_signal(signal.SIGUSR1)
        wait_until(lambda: "GET /echo/" in read(tmp_path / "access.log"), "lines in the new access log")
        running.send_signal(signal.SIGTTOU)
        running.wait_for_log("Handling signal: ttou")
    load.assert_nothing_lost()
    for name in ("access.log", "access.log.1"):
        lines = read(tmp_path / name).split("\n")[1:-2]  # the last one may be cut where the disk was full
        assert all(line.startswith("127.0.0.1 - - [") and line.endswith('"-" "-"') for line in lines)
    assert running.stop() == 0


def test_logs_on_a_device_that_is_always_full_cost_nobody_an_answer(server, worker_kind, tmp_path):
    for name in ("access.log", "error.log"):
        os.symlink("/dev/full", tmp_path / name)
    port = free_port()
    running = server.launch(*worker_kind, "--access-logfile", "access.log", "--error-logfile", "error.log", "loaded:app",
                            bind="127.0.0.1:%d" % port)
    wait_until(lambda: accepts(port), "a server that listens")
    with Load(("127.0.0.1", port), FEW) as load:
        load.wait_for_more()
    load.assert_nothing_lost()
    assert running.stop() == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port):
    try:
        Connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_pid_file_that_cannot_be_written_is_exit_1_and_leaves_nothing(tmp_path):
    command = ["prlimit", "--fsize=0", "--", str(BINARY), "--bind", "127.0.0.1:0", "--pid", "server.pid", "hello:app"]
    ended = subprocess.run(command, cwd=tmp_path, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(APPS)}, capture_output=True,
                           text=True, timeout=60)
    assert ended.returncode == 1
    assert "server.pid" in ended.stderr and "Traceback" not in ended.stderr and "Booting worker" not in ended.stderr
    assert os.listdir(tmp_path) == []


# directories that vanish


def test_a_server_whose_directories_are_gone_serves_recycles_and_stops(server, worker_kind, tmp_path):
    """Its working directory, that of its logs and that of large bodies."""
    for name in ("cwd", "logs", "bodies"):
        (tmp_path / name).mkdir()
    (tmp_path / "c.py").write_text("tmp_upload_dir = %r\n" % str(tmp_path / "bodies"))
    running = server("-c", tmp_path / "c.py", *worker_kind, "--workers", "2", "--access-logfile", tmp_path / "logs" / "access.log",
                     "loaded:app", cwd=tmp_path / "cwd")
    old = running.wait_for_workers(2)
    with Load(running.address, FEW) as load:
        load.wait_for_more()
        for name in ("cwd", "logs", "bodies"):
            shutil.rmtree(tmp_path / name)
        load.wait_for_more()
        running.send_signal(signal.SIGUSR1)
        running.wait_for_log("access.log' isn't writable")
        for worker in old:
            os.kill(worker, signal.SIGTERM)
        wait_until(lambda: not set(old) & set(running.workers()), "the end of the old workers")
        load.wait_for_answers_of(running.wait_for_workers(2))
        # What needs the configuration again is refused, and nothing else happens.
        workers = running.wait_for_workers(2)
        running.send_signal(signal.SIGHUP)
        running.wait_for_log("Reload given up")
        load.wait_for_more()
        assert running.workers() == workers
    load.assert_nothing_lost()
    assert running.stop() == 0
    assert not (tmp_path / "logs").exists() and not (tmp_path / "cwd").exists()


# clocks that jump


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    """A library that shifts the wall clock: tests/apps/clock_shift.c."""
    folder = tmp_path_factory.mktemp("clock")
    built = subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", folder / "shift.so", APPS / "clock_shift.c", "-ldl"])
    assert built.returncode == 0
    return folder


@pytest.mark.skipif(SANITIZED, reason="a sanitizer's runtime has to be the first library")
def test_a_wall_clock_that_jumps_ends_no_request_no_connection_and_no_worker(server, worker_kind, clock):
    def set_clock(seconds):
        (clock / "new").write_text(str(seconds))
        os.replace(clock / "new", clock / "seconds")

    def clock_of_server():
        return email.utils.parsedate_to_datetime(get(running.address, "/echo/x").get("Date")).timestamp()

    set_clock(0)
    running = server(*worker_kind, "--timeout", "2", "--keep-alive", "100", "--workers", "2", "loaded:app",
                     env={"LD_PRELOAD": clock / "shift.so", "CLOCK_SHIFT": clock / "seconds"})
    workers = running.wait_for_workers(2)
    with Connection(running.address) as idle, Load(running.address, FEW + (Clients(1, slow(300)),)) as load:
        idle.get("/echo/x")
        was_kept = not idle.is_over
        for days in (1, -2, 4000, 0):
            load.wait_for_more(1)
            set_clock(days * 86400)
            wait_until(lambda: abs(clock_of_server() - time.time() - days * 86400) < 3600, "the new time")
            load.wait_for_more(1)
        if was_kept:
            idle.send(request_bytes("/echo/x"))
            assert idle.read_response().status == 200
        assert running.workers() == workers
        set_clock(86400)
        reload(running)
        load.wait_for_answers_of(running.wait_for_workers(2))
    load.assert_nothing_lost()
    assert "TIMEOUT" not in running.log
    set_clock(-86400)
    assert running.stop() == 0
    assert "SIGKILL" not in running.log


# signals


STORM = [signal.SIGHUP, signal.SIGTTIN, signal.SIGUSR1, signal.SIGTTOU, signal.SIGCHLD, signal.SIGWINCH, signal.SIGTTIN,
         signal.SIGCHLD, signal.SIGTTOU, signal.SIGUSR1]


def test_thousands_of_signals_cost_no_request_and_the_last_one_counts(server, worker_kind):
    running = server(*worker_kind, "--workers", "2", "loaded:app")
    running.wait_for_workers(2)
    with Load(running.address, FEW) as load:
        load.wait_for_more()
        for signo in itertools.islice(itertools.cycle(STORM), 3000):
            running.send_signal(signo)
        load.wait_for_more()
        # Signals of a kind that wait are one: how many workers there are now is chance. A reload makes them two again.
        reload(running)
        running.send_signal(signal.SIGHUP)
        wait_until(lambda: len(running.workers()) == 2, lambda: "two workers\n" + running.describe())
        load.wait_for_answers_of(running.wait_for_workers(2))
    load.assert_nothing_lost()
    assert running.stop() == 0
    assert "SIGKILL" not in running.log and "Traceback" not in running.log


def test_term_in_the_middle_of_a_storm_of_signals_ends_the_server(server, worker_kind):
    running = server(*worker_kind, "--workers", "2", "loaded:app")
    running.wait_for_workers(2)
    with Load(running.address, FEW, until_refused=True) as load:
        load.wait_for_more()
        for number, signo in enumerate(itertools.islice(itertools.cycle(STORM), 2000)):
            running.send_signal(signal.SIGTERM if number == 1000 else signo)
        load.wait_until_refused()
    assert running.wait() == 0
    load.assert_nothing_lost(heard_for=0.1)
