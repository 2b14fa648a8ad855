"""The memory of a worker does not depend on how much goes through it. Sizes are small here; `./test full memory`
runs the same with GN_MEMORY=full."""

import contextlib
import os
import socket

import pytest

from memory import MIB, Footprint
from raw_http import Connection, chunked, connect, get, request_bytes
from server_process import SANITIZED, wait_until

pytestmark = pytest.mark.skipif(SANITIZED, reason="what sanitizers keep back looks like a leak")

FULL = os.environ.get("GN_MEMORY") == "full"
UPLOAD, CHUNKED_UPLOAD, DOWNLOAD = (256, 64, 1024) if FULL else (48, 16, 128)  # MiB
REQUESTS = 100_000 if FULL else 20_000
ROUND = 50
FLAT = 16 * MIB
BUFFER = bytearray(MIB)


@pytest.fixture(scope="module")
def running(shared_server, worker_kind):
    server = shared_server(*worker_kind, "memory:app")
    # Whatever is made once, is made now: threads and their arenas, buffers.
    for _ in range(8):
        assert get(server.address, "/give?2").status == 200
        assert get(server.address, "/take", body=b"x" * MIB).body == b"%d" % MIB
    return server


@pytest.fixture
def footprint(running):
    (worker,) = running.wait_for_workers(1)
    return Footprint(worker)


def test_an_upload_costs_no_memory(running, footprint):
    with Connection(running.address) as connection:
        connection.send(request_bytes("/take", [("Content-Length", str(UPLOAD * MIB))], "POST"))
        for _ in range(UPLOAD):
            connection.send(bytes(MIB))
        assert connection.read_response().body == b"%d" % (UPLOAD * MIB)
    assert footprint.peak_growth < FLAT


def test_a_chunked_upload_costs_no_memory(running, footprint):
    with Connection(running.address) as connection:
        connection.send(request_bytes("/take", [("Transfer-Encoding", "chunked")], "POST"))
        one = chunked(*[b"c" * 4000] * 256, b"d" * 24_576)[: -len(b"0\r\n\r\n")]
        for _ in range(CHUNKED_UPLOAD):
            connection.send(one)
        connection.send(b"0\r\n\r\n")
        assert connection.read_response().body == b"%d" % (CHUNKED_UPLOAD * (256 * 4000 + 24_576))
    assert footprint.peak_growth < FLAT


def test_a_streamed_response_costs_no_memory(running, footprint):
    with Connection(running.address) as connection:
        connection.send(request_bytes("/give?%d" % DOWNLOAD, [("Connection", "close")]))
        assert connection.read_head().get("Transfer-Encoding") == "chunked"
        received = 0
        while True:
            count = connection.sock.recv_into(BUFFER)
            if count == 0:
                break
            received += count
    assert received + len(connection.buffer) >= DOWNLOAD * MIB
    assert footprint.peak_growth < FLAT


def test_a_client_that_does_not_read_a_large_response_costs_no_memory(running, footprint):
    """What is not asked for is not made: the answer waits, and others are served."""
    with Connection(running.address, receive_buffer=4096) as slow:
        slow.send(request_bytes("/give?%d" % DOWNLOAD))
        assert slow.read_head().status == 200
        for _ in range(20):
            slow.read_exactly(100_000)
            assert get(running.address, "/take").body == b"0"
        assert footprint.peak_growth < FLAT
    wait_until(lambda: footprint.new_descriptors <= 0, "the connection is given back")


def test_connections_that_stay_keep_nothing_of_their_large_responses(running, footprint):
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(Connection(running.address)) for _ in range(24)]
        for connection in connections:
            assert len(connection.get("/give-whole?4").body) == 4 * MIB
        assert footprint.growth < 2 * FLAT


@pytest.mark.parametrize("where", ["head", "trailers"])
def test_connections_that_are_gone_leave_nothing_of_their_large_fields(running, footprint, where):
    fields = b"".join(b"X-%d: %s\r\n" % (i, b"a" * 8000) for i in range(90))
    first = b"GET / HTTP/1.1\r\n"
    if where == "trailers":
        first = request_bytes("/", [("Transfer-Encoding", "chunked")]) + b"0\r\n"
    before = in_use(running)
    with contextlib.ExitStack() as stack:
        for _ in range(64):
            stack.enter_context(connect(running.address)).sendall(first + fields)
        wait_until(lambda: in_use(running) > before + 32 * MIB, "the fields have come")
    wait_until(lambda: footprint.new_descriptors <= 0, "the connections are given back")
    assert in_use(running) < before + 4 * MIB


def in_use(server):
    """Bytes that are allocated. What is free may stay resident: the allocator gives it back when it can."""
    return int(get(server.address, "/in-use").body)


def test_nothing_is_left_of_many_requests_of_every_kind(running, footprint):
    """Answers, refusals, exceptions, bodies that are cut, clients that leave."""

    def serve(count):
        for _ in range(count // len(KINDS) // ROUND):
            for kind in KINDS:
                kind(running.address)

    serve(REQUESTS // 10)  # caches fill
    settled = Footprint(footprint.worker)
    serve(REQUESTS)
    wait_until(lambda: settled.new_descriptors <= 0, lambda: "%d new descriptors" % settled.new_descriptors)
    assert settled.growth < 4 * MIB


def repeated(kind):
    """A kind that makes as many requests as `plain` does."""

    def all_of_them(address):
        for _ in range(ROUND):
            kind(address)

    return all_of_them


def plain(address):
    with Connection(address) as connection:
        for _ in range(ROUND):
            assert connection.get("/take", body=b"x" * 100).body == b"100"


@repeated
def refused(address):
    with connect(address) as sock:
        sock.sendall(b"GET / HTTP/9.9\r\n\r\n")
        assert sock.recv(100).startswith(b"HTTP/1.1 505")


@repeated
def cut(address):
    with connect(address) as sock:
        sock.sendall(request_bytes("/take", [("Content-Length", "100000")], "POST") + b"x" * 50_000)


@repeated
def cut_chunk(address):
    with connect(address) as sock:
        sock.sendall(request_bytes("/take", [("Transfer-Encoding", "chunked")], "POST") + b"5\r\nabc")
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(100) == b""


@repeated
def left(address):
    with Connection(address, receive_buffer=4096) as connection:
        connection.send(request_bytes("/give?2"))
        connection.read_head()


@repeated
def boom(address):
    assert get(address, "/boom").status == 500


@repeated
def broken(address):
    with Connection(address) as connection:
        connection.send(request_bytes("/break"))
        assert connection.read_to_end().endswith(b"\r\nfirst\r\n")


KINDS = [plain, refused, cut, cut_chunk, left, boom, broken]
