"""A disk without room and pipes that nobody reads cost lines of the logs, which are counted, and nothing else."""

import ctypes
import os
import re
import signal
import sys

import pytest

from load_generator import Clients, Load
from raw_http import get
from server_process import BINARY, TLS, read, wait_until

LOST = r"(\d+) lines? of the access log (?:was|were) lost: %s"


def told(running, reason):
    return sum(map(int, re.findall(LOST % reason, running.log)))


@pytest.fixture
def small_disk(tmp_path):
    """A tmpfs of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    library = ctypes.CDLL(None, use_errno=True)
    if library.mount(b"none", os.fsencode(folder), b"tmpfs", 0, b"size=64k") != 0:
        pytest.skip("no tmpfs can be mounted: %s" % os.strerror(ctypes.get_errno()))
    yield folder
    library.umount2(os.fsencode(folder), 2)  # MNT_DETACH


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_costs_lines_and_says_how_many(server, worker_kind, tmp_path, small_disk, workers):
    log = small_disk / "a.log"
    running = server(*worker_kind, "--workers", workers, "--access-logfile", log, "--access-logformat", "%(U)s %(s)s", "loaded:app")
    running.wait_for_workers(workers)
    filler = small_disk / "filler"
    with Load(running.address, (Clients(4),)) as load:
        load.wait_for_more(1)
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 512)
            except OSError:
                pass
        running.wait_for_log("The access log cannot be written: No space left on device")
        load.wait_for_more(5)
        filler.unlink()
        running.wait_for_log(LOST % "No space left on device")
        load.wait_for_more(5)
    load.assert_nothing_lost()
    assert running.stop() == 0
    # A line that was cut is lost, and what another worker wrote next may stand behind it. Cut before its end of line, it is whole.
    written = re.findall(r"/echo/[\d-]+ 200$", read(log), re.M)
    assert len(set(written)) == len(written)
    assert 0 <= len(written) + told(running, "No space left on device") - len(load.answered) <= workers


def piped():
    """The command of a server whose standard output is a pipe, and the reading end; nobody reads until a test does."""
    reader, writer = os.pipe()
    script = "import os, sys; os.dup2(%d, 1); os.close(%d); os.execv(sys.argv[1], sys.argv[1:])" % (writer, writer)
    return [sys.executable, "-c", script, BINARY, *TLS], reader, writer


def read_all(reader):
    """What is in a pipe now."""
    os.set_blocking(reader, False)
    pieces = []
    try:
        while piece := os.read(reader, 1 << 20):
            pieces.append(piece)
    except BlockingIOError:
        pass
    return b"".join(pieces)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_pipe_that_nobody_reads_does_not_stop_anybody(server, worker_kind, tmp_path, workers):
    command, reader, writer = piped()
    running = server(*worker_kind, "--workers", workers, "--timeout", "5", "--access-logfile", "-", "--access-logformat",
                     "%(U)s%(s)s" + "x" * 2000, "loaded:app", command=command, pass_fds=(writer,))
    os.close(writer)
    with Load(running.address, (Clients(4),)) as load:
        running.wait_for_log("The access log cannot be written: nobody reads it fast enough")
        load.wait_for_more(5)
        text = bytearray()

        def is_told():
            text.extend(read_all(reader))
            return re.search(LOST % "nobody reads it fast enough", running.log)

        wait_until(is_told, "the end of the loss")
    load.assert_nothing_lost()
    running.send_signal(signal.SIGTERM)
    wait_until(lambda: is_told() and running.process.poll() is not None, "the end of the server")
    text.extend(read_all(reader))
    os.close(reader)
    lines = text.decode().splitlines()
    assert all(re.fullmatch(r"/echo/[\d-]+200x{2000}", line) for line in lines)
    assert len(set(lines)) == len(lines) == len(load.answered) - told(running, "nobody reads it fast enough")
    assert "WORKER TIMEOUT" not in running.log


def test_a_pipe_without_a_reader_costs_its_lines(server, worker_kind, tmp_path):
    command, reader, writer = piped()
    running = server(*worker_kind, "--access-logfile", "-", "hello:app", command=command, pass_fds=(writer,))
    os.close(writer)
    os.close(reader)
    for _ in range(3):
        assert get(running.address).status == 200
    running.wait_for_log("The access log cannot be written: Broken pipe")
    assert running.stop() == 0
    assert told(running, "Broken pipe") == 3


def test_an_error_log_that_nobody_reads_does_not_stop_anybody(server, worker_kind, tmp_path):
    """The pipe is the error log as a named one."""
    path = tmp_path / "errors"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    running = server.launch(*worker_kind, "--log-level", "debug", "--error-logfile", path, "loaded:app",
                            bind="unix:%s" % (tmp_path / "s.sock"))
    wait_until(lambda: (tmp_path / "s.sock").exists(), "the socket")
    text = bytearray()
    for number in range(1200):
        assert get(str(tmp_path / "s.sock"), "/echo/%d" % number + "y" * 100).status == 200
    text.extend(read_all(reader))
    get(str(tmp_path / "s.sock"), "/echo/last")

    def is_told():
        text.extend(read_all(reader))
        return b"of the error log were lost: nobody reads it fast enough" in text

    wait_until(is_told, "the number of lost lines")
    assert running.stop() == 0
    os.close(reader)
