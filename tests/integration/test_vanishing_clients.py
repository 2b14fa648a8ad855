"""Clients that leave, in order or by a reset, at each stage of a request, or that stay when they should leave: one line of the
access log at most, and nothing of them stays. `./test full memory` does it 100 000 times, with GN_MEMORY=full."""

import contextlib
import os
import re
import socket
import ssl
import struct

import pytest

import certificates
from memory import MIB, Footprint
from raw_http import Connection, client_hello, connect, get, only_plain, request_bytes, tls_context
from server_process import SANITIZED, wait_until

CONNECTIONS = 100_000 if os.environ.get("GN_MEMORY") == "full" else 1_000 if SANITIZED else 6_000
SMALL_BUFFER = 4096
CUT_BODY = request_bytes("/body", [("Content-Length", "100000")], "POST") + b"x" * 3000


@pytest.fixture(scope="module")
def running(shared_server, worker_kind):
    return shared_server(*worker_kind, "--keep-alive", "60", "--access-logfile", "-", "vanishing:app")


@pytest.fixture
def footprint(running):
    get(running.address, "/counts")
    (worker,) = running.wait_for_workers(1)
    return Footprint(worker)


# The stages: what a client does before it leaves.


def before_a_byte(connection):
    pass


def in_the_head(connection):
    connection.send(b"GET /head HTTP/1.1\r\nHost: te")


def in_the_body(connection):
    connection.send(CUT_BODY)


def while_it_waits_for_the_answer(connection):
    connection.send(request_bytes("/answer"))


def in_the_answer(connection):
    connection.send(request_bytes("/stream"))
    connection.read_head()


def between_requests(connection):
    assert connection.get("/kept").body == b"little"


def in_a_pipelined_head(connection):
    connection.send(request_bytes("/first") + b"GET /second HTTP/1.1\r\nHo")
    assert connection.read_response().body == b"little"


def in_a_pipelined_body(connection):
    connection.send(request_bytes("/first") + CUT_BODY)
    assert connection.read_response().body == b"little"


def behind_a_refusal(connection):
    connection.send(b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n" + b"x" * 1000)
    assert connection.read_response().status == 400


# Lines of the access log a client.
LINES = {
    before_a_byte: (),
    in_the_head: (),
    in_the_body: ("POST /body 499",),
    while_it_waits_for_the_answer: ("GET /answer (200|499)",),
    in_the_answer: ("GET /stream 200",),
    between_requests: ("GET /kept 200",),
    in_a_pipelined_head: ("GET /first 200",),
    in_a_pipelined_body: ("GET /first 200", "POST /body 499"),
    behind_a_refusal: ("GET / 400",),
}


def in_order(connection):
    connection.close()


def by_reset(connection):
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


WAYS = [in_order, by_reset]


def access_lines(running):
    return ["%s %s" % line for line in re.findall(r'"(-|\S+ \S+)(?: HTTP/1\.1)?" (\d+) ', running.stdout)]


def errors(running):
    return re.findall(r"\[(?:INFO|WARNING|ERROR|CRITICAL)\] .*", running.log)


def assert_all_were_closed(running):
    """close() ran once for each iterable that was made."""

    def settled():
        made, closed = get(running.address, "/counts").body.split()
        return made == closed

    wait_until(settled, "a close() for each iterable")


@pytest.mark.parametrize("leave", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("stage", LINES, ids=lambda stage: stage.__name__)
def test_a_client_that_leaves_is_forgotten(running, footprint, stage, leave):
    lines_before, errors_before = len(access_lines(running)), len(errors(running))
    clients = [Connection(running.address, receive_buffer=SMALL_BUFFER) for _ in range(10)]
    for client in clients:
        stage(client)
    assert get(running.address, "/other").body == b"little"
    for client in clients:
        leave(client)
    assert get(running.address, "/other").body == b"little"
    wait_until(lambda: footprint.new_descriptors <= 0, "the connections are given back")
    assert_all_were_closed(running)
    get(running.address, "/last")
    wait_until(lambda: "GET /last 200" in access_lines(running)[lines_before:], "the log is written")
    lines = [line for line in access_lines(running)[lines_before:] if not re.match("GET /(other|counts|last) ", line)]
    # A sync worker that is slow just now closes behind /first, and never has the second request.
    counts = [10, sum(not client.is_over for client in clients)][: len(LINES[stage])]
    for expected, count in zip(LINES[stage], counts):
        assert sum(bool(re.fullmatch(expected, line)) for line in lines) == count, lines
    assert len(lines) == sum(counts), lines
    told = 10 if stage is behind_a_refusal else 0
    assert len(errors(running)) - errors_before == told, errors(running)[errors_before:]


@pytest.mark.parametrize("leave", WAYS, ids=lambda way: way.__name__)
def test_a_client_that_leaves_while_the_application_runs_is_forgotten(server, worker_kind, tmp_path, leave):
    running = server(*worker_kind, "--access-logfile", "-", "vanishing:app", env={"GATE": str(tmp_path)})
    (worker,) = running.wait_for_workers(1)
    get(running.address, "/other")
    footprint = Footprint(worker)
    errors_before = len(errors(running))
    connection = Connection(running.address)
    connection.send(request_bytes("/wait/here"))
    wait_until((tmp_path / "here.began").exists, "the application runs")
    leave(connection)
    (tmp_path / "here.open").touch()
    assert get(running.address, "/other").body == b"little"
    wait_until(lambda: footprint.new_descriptors <= 0, "the connection is given back")
    assert_all_were_closed(running)
    wait_until(lambda: [line for line in access_lines(running) if "/wait" in line], "a line of the access log")
    assert len([line for line in access_lines(running) if re.fullmatch("GET /wait/here (200|499)", line)]) == 1
    assert len(errors(running)) == errors_before


@pytest.mark.parametrize("more", [b"", b"x" * 1000], ids=["silent", "sending on"])
def test_a_client_that_stays_behind_the_close_costs_nothing(running, footprint, more):
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Connection(running.address)) for _ in range(10)]
        for client in clients:
            client.send(request_bytes("/answer", [("Connection", "close")]) + more)
            assert client.read_response().body == b"little"
        assert get(running.address, "/other").body == b"little"
        wait_until(lambda: footprint.new_descriptors <= 0, "the connections are given back")
        for client in clients:
            client.assert_closed()


def test_nothing_is_left_of_many_clients_that_leave(running, footprint):
    def serve(count):
        for _ in range(count // (len(LINES) * len(WAYS))):
            for stage in LINES:
                for leave in WAYS:
                    connection = Connection(running.address, receive_buffer=SMALL_BUFFER)
                    stage(connection)
                    leave(connection)
            assert get(running.address, "/other").body == b"little"

    def assert_nothing_is_open(since):
        wait_until(lambda: since.new_descriptors <= 0, lambda: "%d new descriptors" % since.new_descriptors)

    serve(CONNECTIONS // 5)  # caches fill
    assert_nothing_is_open(footprint)
    settled = Footprint(footprint.worker)
    serve(CONNECTIONS)
    assert_nothing_is_open(settled)
    assert_all_were_closed(running)
    assert SANITIZED or settled.growth < 4 * MIB


# In and around the handshake of TLS.


HELLO_BYTES = client_hello()
# What is sent before a client leaves, and whether an answer is waited for.
RUBBISH = {
    "nothing": (b"", False),
    "plain HTTP": (request_bytes("/"), True),
    "noise": (bytes(range(128, 256)), True),
    "half of a ClientHello": (HELLO_BYTES[:100], False),
    "a ClientHello": (HELLO_BYTES, True),
    "a spoiled ClientHello": (HELLO_BYTES[:60] + b"\xff" * (len(HELLO_BYTES) - 60), True),
    "a handshake that is too large": (b"\x16\x03\x01\x40\x00\x01\xff\xff\xff" + bytes(16380), True),
}


@only_plain
def test_nothing_is_left_of_many_clients_that_speak_tls_badly(server, worker_kind):
    authority = certificates.root().certificate
    files = ["--certfile", certificates.server().chain_and_key, "--ca-certs", authority, "--cert-reqs", "1"]
    running = server(*worker_kind, *files, "--header-timeout", "5", "hello:app")
    eve = certificates.client("eve", issuer=certificates.authority("Stranger"))
    stranger, friend = tls_context(client=eve), tls_context(client=certificates.client())

    def serve(count):
        for _ in range(count // (len(RUBBISH) + 2)):
            for data, waits in RUBBISH.values():
                with connect(running.address, tls=None) as sock:
                    sock.sendall(data)
                    if waits:
                        with contextlib.suppress(OSError):
                            sock.recv(100)
            with pytest.raises(OSError):
                get(running.address, tls=stranger)
            assert get(running.address, tls=friend).body == b"hello\n"

    assert get(running.address, tls=friend).body == b"hello\n"
    (worker,) = running.wait_for_workers(1)
    footprint = Footprint(worker)
    serve(CONNECTIONS // 5)  # caches fill
    wait_until(lambda: footprint.new_descriptors <= 0, "the connections are given back")
    settled = Footprint(worker)
    serve(CONNECTIONS)
    wait_until(lambda: settled.new_descriptors <= 0, "the connections are given back")
    assert running.workers() == [worker]
    assert SANITIZED or settled.growth < 4 * MIB
