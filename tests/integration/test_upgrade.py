"""gunicorn.socket: an application takes the connection over and speaks something else, or only looks at it."""

import base64
import contextlib
import hashlib
import os
import signal

import pytest

from raw_http import Connection, get, request_bytes
from server_process import wait_until

KINDS = {"sync": ("--worker-class", "sync", "-w", "1"), "gthread": ("--worker-class", "gthread", "--threads", "4", "-w", "1")}
KEY = base64.b64encode(b"0123456789abcdef")
ACCEPT = base64.b64encode(hashlib.sha1(KEY + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
UPGRADE = [
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", KEY.decode()),
]
WAYS = ["raises-stop-iteration", "returns-nothing", "returns-no-iterable", "starts-a-response-afterwards", "in-a-generator"]


@pytest.fixture(scope="module", params=list(KINDS))
def sockets(request, shared_server):
    return shared_server(*KINDS[request.param], "--access-logfile", "-", "sockets:app")


@pytest.fixture(scope="module", params=list(KINDS))
def sockets_on_unix(request, shared_server, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / ("upgrade-%s.sock" % request.param)
    return shared_server(*KINDS[request.param], "sockets:app", bind="unix:%s" % path)


def frame(opcode, payload, mask=b"mask"):
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + size + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def echo_of(opcode, payload):
    size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + size + payload


def shake_hands(connection, target, behind=b""):
    connection.send(request_bytes(target, UPGRADE) + behind)
    response = connection.read_head()
    assert (response.status, response.get("Sec-WebSocket-Accept")) == (101, ACCEPT)
    assert response.get("Server") is None, "the application's own handshake, not ours"


def talk(connection):
    for payload in (b"hello", b"x" * 1000):
        connection.send(frame(1, payload))
        assert connection.read_exactly(len(echo_of(1, payload))) == echo_of(1, payload)
    connection.send(frame(8, b""))
    assert connection.read_exactly(2) == echo_of(8, b"")
    connection.assert_closed()


@pytest.mark.parametrize("way", WAYS)
def test_a_websocket_is_served_over_gunicorn_socket_and_the_server_writes_nothing_of_its_own(sockets, way):
    logged = len(sockets.log)
    with Connection(sockets.address) as connection:
        shake_hands(connection, "/" + way)
        talk(connection)
    assert get(sockets.address, "/facts").status == 200
    assert "Error handling" not in sockets.log[logged:]


@pytest.mark.parametrize("way", WAYS[:2])
def test_a_websocket_is_served_over_a_unix_socket(sockets_on_unix, way):
    with Connection(sockets_on_unix.address) as connection:
        shake_hands(connection, "/" + way)
        talk(connection)


def test_an_upgrade_is_in_the_access_log_with_101(sockets):
    with Connection(sockets.address) as connection:
        shake_hands(connection, "/returns-nothing?logged")
        talk(connection)
    wait_until(lambda: '"GET /returns-nothing?logged HTTP/1.1" 101 ' in sockets.stdout, "a line in the access log")


@pytest.mark.parametrize("way", WAYS)
def test_what_the_client_sent_behind_its_head_reaches_the_application(sockets, way):
    first = frame(1, b"early")
    with Connection(sockets.address) as connection:
        shake_hands(connection, "/" + way, first + frame(1, b"cut here")[:5])
        assert connection.read_exactly(len(echo_of(1, b"early"))) == echo_of(1, b"early")
        connection.send(frame(1, b"cut here")[5:])
        assert connection.read_exactly(len(echo_of(1, b"cut here"))) == echo_of(1, b"cut here")
        talk(connection)


def test_a_client_that_leaves_ends_the_conversation(sockets):
    before = get(sockets.address, "/pid").body
    for behind in (b"", frame(1, b"early")):
        with Connection(sockets.address) as connection:
            shake_hands(connection, "/returns-nothing", behind)
    assert get(sockets.address, "/pid").body == before


def test_more_than_any_buffer_holds_reaches_a_slow_client(sockets):
    for behind in (b"", b"early"):
        with Connection(sockets.address, receive_buffer=4096) as connection:
            shake_hands(connection, "/streams", behind)
            assert connection.read_exactly(64 * 65536) == b"s" * (64 * 65536)
            connection.assert_closed()


def test_an_exception_behind_the_handshake_is_logged_and_closes(sockets):
    logged = len(sockets.log)
    with Connection(sockets.address) as connection:
        shake_hands(connection, "/raises")
        talk(connection)
    wait_until(lambda: "raised behind the handshake" in sockets.log[logged:], "the exception in the log")


def test_a_connection_ends_with_its_request_even_when_a_thread_still_reads(sockets):
    with Connection(sockets.address) as connection:
        shake_hands(connection, "/in-another-thread")
        connection.assert_closed()


def test_descriptors_of_upgrades_do_not_leak(sockets):
    def count():
        return int(get(sockets.address, "/descriptors").body)

    before = count()
    for behind in (b"", frame(1, b"early")) * 5:
        with Connection(sockets.address) as connection:
            shake_hands(connection, "/raises-stop-iteration", behind)
    wait_until(lambda: count() <= before, "closed descriptors")


# looking at the socket


@only_plain  # its peer is a relay otherwise
def test_an_application_that_looks_at_its_socket_answers_as_ever(sockets):
    with Connection(sockets.address) as connection:
        response = connection.get("/facts")
        assert (response.status, response.body) == (200, b"[True, None, True, True]")
        assert response.get("Connection") == "close"
        connection.assert_closed()


def test_a_large_response_follows_a_look_at_the_socket(sockets):
    with Connection(sockets.address, receive_buffer=4096) as slow:
        slow.send(request_bytes("/asks-whether-the-client-is-there"))
        head = slow.read_head()
        assert get(sockets.address, "/facts").status == 200, "the slow reader keeps nobody waiting"
        assert slow.read_exactly(int(head.get("Content-Length"))) == b"p" * 1_000_000


def test_a_file_follows_a_look_at_the_socket(sockets):
    with Connection(sockets.address, receive_buffer=4096) as slow:
        slow.send(request_bytes("/sends-a-file"))
        assert slow.read_head().get("Content-Length") == "8000000"
        assert get(sockets.address, "/facts").status == 200, "the slow reader keeps nobody waiting"
        assert slow.read_exactly(8_000_000) == bytes(8_000_000)


def test_an_interim_response_of_the_application_is_followed_by_ours(sockets):
    with Connection(sockets.address) as connection:
        connection.send(request_bytes("/sends-an-interim-response"))
        assert connection.read_head().status == 102
        assert connection.read_response().body == b"done"


def test_printing_the_environ_does_not_cost_the_connection(sockets):
    with Connection(sockets.address) as connection:
        response = connection.get("/prints")
    assert b"gunicorn.socket" in response.body
    assert response.get("Connection") == "keep-alive"


def test_a_socket_that_is_kept_is_dead_after_its_request(sockets):
    with Connection(sockets.address) as connection:
        assert connection.get("/keeps").body == b"kept"
        assert connection.get("/uses-what-was-kept").body == b"OSError"


def test_the_descriptor_of_a_socket_that_is_kept_does_not_become_the_connection_of_another_client(sockets):
    assert get(sockets.address, "/keeps").body == b"kept"
    with contextlib.ExitStack() as others:
        for _ in range(10):
            others.enter_context(Connection(sockets.address)).send(b"G")
        assert get(sockets.address, "/peer-of-the-kept-descriptor").body == b"nobody"


# the end of a worker


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_graceful_stop_ends_within_its_time_whatever_a_websocket_does(server, kind):
    running = server(*KINDS[kind], "--graceful-timeout", "1", "sockets:app")
    with Connection(running.address) as connection:
        shake_hands(connection, "/returns-nothing")
        assert running.stop() == 0
        connection.assert_closed()


def test_a_websocket_of_a_sync_worker_is_ended_by_the_timeout(server):
    running = server("--timeout", "1", "sockets:app")
    with Connection(running.address) as connection:
        shake_hands(connection, "/returns-nothing")
        running.wait_for_log("WORKER TIMEOUT")
        connection.assert_closed()
    assert get(running.address, "/facts").status == 200


def test_a_websocket_of_a_threaded_worker_outlives_the_timeout(server):
    running = server(*KINDS["gthread"], "--timeout", "1", "--keep-alive", "3", "sockets:app")
    with Connection(running.address) as connection, Connection(running.address) as clock:
        shake_hands(connection, "/returns-nothing")
        clock.get("/pid")
        clock.assert_closed()  # three seconds are over
        talk(connection)
    os.kill(running.pid, signal.SIGTERM)
    assert running.wait() == 0
