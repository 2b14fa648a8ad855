"""Whatever bytes come: an answer of 4xx or 5xx or a close, one log line at most, no traceback, no dead worker."""

import os
import random
import re
import socket
import ssl
import struct

import pytest

from raw_http import Connection, chunked, connect, get, request_bytes
from server_process import wait_until

TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(180)) + b"\x00\x0a"
HTTP_2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
POST = request_bytes("/unread-body", [("Content-Length", "11")], "POST") + b"hello world"
CHUNKED = request_bytes("/unread-body", [("Transfer-Encoding", "chunked")], "POST") + chunked(b"hello", b"world")


def head(*lines):
    return b"\r\n".join(lines) + b"\r\n\r\n"


LENGTH_AND_CODING = (b"Content-Length: 3", b"Transfer-Encoding: chunked")
CHUNKED_HEAD = head(b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: chunked")
HOSTILE = {
    "nothing": b"",
    "one byte": b"G",
    "NUL": b"\0",
    "many NULs": b"\0" * 100_000,
    "high bytes": b"\xff" * 10_000,
    "TLS hello": TLS_HELLO,
    "HTTP/2 preface": HTTP_2,
    "SSH banner": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "SMTP": b"EHLO example.com\r\nMAIL FROM:<a@b>\r\n",
    "RDP": b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00",
    "PROXY v1 that nobody allowed": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "PROXY v2 that nobody allowed": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12),
    "HTTP/0.9": b"GET /\r\n",
    "HTTP/3.0": head(b"GET / HTTP/3.0", b"Host: a"),
    "1 MiB without a line end": b"A" * (1 << 20),
    "1 MiB of line ends": b"\r\n" * (1 << 19),
    "1 MiB of bare line feeds": b"\n" * (1 << 20),
    "1 MiB of field": b"GET / HTTP/1.1\r\nX: " + b"a" * (1 << 20),
    "100,000 fields": b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 100_000,
    "target with a NUL": head(b"GET /\0 HTTP/1.1", b"Host: a"),
    "target with a line feed": head(b"GET /a\nb HTTP/1.1", b"Host: a"),
    "target with an escape": head(b"GET /\x1b[2J HTTP/1.1", b"Host: a"),
    "field with a NUL": head(b"GET / HTTP/1.1", b"Host: a", b"X: \0"),
    "field that forges a line": head(b"GET / HTTP/1.1", b"Host: a", b"X: a\rInjected: b"),
    "format directives": head(b"%s%n%x %(h)s HTTP/1.1", b"%s: %n"),
    "two hosts": head(b"GET / HTTP/1.1", b"Host: a", b"Host: b"),
    "length and coding": head(b"POST / HTTP/1.1", b"Host: a", *LENGTH_AND_CODING) + b"0\r\n\r\n",
    "negative length": head(b"POST / HTTP/1.1", b"Host: a", b"Content-Length: -1"),
    "length beyond 64 bits": head(b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 99999999999999999999"),
    "the largest length": head(b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 18446744073709551615") + b"x",
    "chunk size that overflows": CHUNKED_HEAD + b"fffffffffffffffff\r\n",
    "the largest chunk": CHUNKED_HEAD + b"ffffffffffffffff\r\nx",
    "chunk size with a sign": CHUNKED_HEAD + b"-1\r\n",
    "chunk without its end": CHUNKED_HEAD + b"1\r\nabc",
    "8 MiB of chunk extension": CHUNKED_HEAD + b"1;" + b"e" * (8 << 20),
    "8 MiB of trailers": CHUNKED_HEAD + b"0\r\n" + b"X: a\r\n" * (1 << 20),
    "an expectation nobody knows": head(b"POST / HTTP/1.1", b"Host: a", b"Expect: wonders", b"Content-Length: 0"),
}


OPEN_ENDED = ["TLS hello", "HTTP/2 preface", "SSH banner", "NUL", "target with a NUL", "chunk without its end"]


class Watched:
    """A server, and what it must be like behind any input."""

    def __init__(self, server):
        self.server = server
        (self.worker,) = server.wait_for_workers(1)
        self.read = len(server.log)

    def look(self, at_most):
        """Serves as before, and has logged no more than that since the last look."""
        assert get(self.server.address, "/declared-length").body == b"12345"
        assert self.server.workers() == [self.worker]
        new = self.server.log[self.read :]
        self.read += len(new)
        assert "Traceback" not in new and len(new.splitlines()) <= at_most, new
        assert not re.search(r"\[(ERROR|CRITICAL)\]", new), new
        assert all(character.isprintable() or character == "\n" for character in new), "the log forges nothing"


@pytest.fixture(scope="module")
def watched(shared_server, worker_kind):
    return Watched(shared_server(*worker_kind, "kinds:app"))


def send_all(sock, data):
    """As much as the server takes: it may close before it has read everything."""
    try:
        sock.sendall(data)
    except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
        pass


def answer_to(address, data, ends=True, piece=None):
    """All that comes back until the server closes."""
    with Connection(address) as connection:
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(data), piece or len(data) or 1):
            send_all(connection.sock, data[at : at + (piece or len(data))])
        if ends:
            try:
                connection.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # the server was faster
        return connection.read_to_end()


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def is_refusal(answer):
    return answer == b"" or re.match(rb"HTTP/1\.1 [45]\d\d [ -~]*\r\nServer: ", answer)


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_bytes_are_refused_or_the_connection_closed(watched, name):
    answer = answer_to(watched.server.address, HOSTILE[name])
    assert is_refusal(answer), answer[:500]
    watched.look(at_most=1)


@pytest.mark.parametrize("name", [name for name, data in HOSTILE.items() if len(data) <= 10_000])
def test_hostile_bytes_one_by_one_come_to_the_same(watched, name):
    whole = answer_to(watched.server.address, HOSTILE[name])
    in_pieces = answer_to(watched.server.address, HOSTILE[name], piece=1)
    # Who still sends when the connection is closed may lose the answer to a reset.
    assert in_pieces.split(b"\r\n")[0] in (whole.split(b"\r\n")[0], b"")
    watched.look(at_most=2)


@pytest.mark.parametrize("name", OPEN_ENDED)
def test_a_client_that_leaves_its_side_open_is_refused_all_the_same(watched, name):
    assert is_refusal(answer_to(watched.server.address, HOSTILE[name], ends=False))
    watched.look(at_most=1)


def test_random_bytes_are_refused(watched):
    numbers = random.Random(20261122)
    for _ in range(300):
        data = numbers.randbytes(numbers.randrange(1, 400))
        answer = answer_to(watched.server.address, data)
        assert is_refusal(answer), data
    watched.look(at_most=300)


def test_requests_with_random_faults_are_answered_or_refused(watched):
    numbers = random.Random(4)
    for number in range(400):
        data = bytearray(POST if number % 2 else CHUNKED)
        for _ in range(numbers.randrange(1, 4)):
            data[numbers.randrange(len(data))] = numbers.randrange(256)
        answer = answer_to(watched.server.address, bytes(data))
        assert is_refusal(answer) or re.match(rb"HTTP/1\.[01] (200|404) ", answer), (bytes(data), answer)
    watched.look(at_most=400)


@pytest.mark.parametrize("request_", [POST, CHUNKED], ids=["length", "chunked"])
def test_a_client_that_ends_or_resets_at_any_point_costs_nothing(watched, request_):
    for sent in range(len(request_)):
        answer = answer_to(watched.server.address, request_[:sent])
        assert is_refusal(answer), (request_[:sent], answer)
        sock = connect(watched.server.address)
        sock.sendall(request_[:sent])
        reset(sock)
    watched.look(at_most=0)


def test_clients_that_reset_while_they_are_answered_cost_nothing(watched):
    for size in (5, 100_000, 10_000_000):
        for read in (0, 1, 100):
            with Connection(watched.server.address, receive_buffer=4096) as connection:
                connection.send(request_bytes("/big?%d" % size))
                if read:
                    connection.read_exactly(read)
                reset(connection.sock)
    watched.look(at_most=0)


def test_thousands_of_tiny_segments_are_a_request_like_any_other(watched):
    data = request_bytes("/big?5", [("X-%d" % i, "v" * 90) for i in range(40)])
    data += request_bytes("/big?7", [("Connection", "close")])
    answer = answer_to(watched.server.address, data, piece=1, ends=False)
    assert answer.count(b"HTTP/1.1 200 OK") in (1, 2), "a busy sync worker may close behind the first"
    watched.look(at_most=0)


def test_many_hostile_connections_at_once_keep_nobody_waiting(watched):
    open_ones = []
    for data in [data for data in HOSTILE.values() if len(data) <= 10_000] * 5:
        sock = connect(watched.server.address)
        send_all(sock, data)
        open_ones.append(sock)
    watched.look(at_most=len(open_ones))
    for sock in open_ones:
        reset(sock)
    watched.look(at_most=len(open_ones))


def test_descriptors_are_given_back(watched):
    def open_descriptors():
        return len(os.listdir("/proc/%d/fd" % watched.worker))

    watched.look(at_most=1000)
    before = open_descriptors()
    for data in [data for data in HOSTILE.values() if len(data) <= 10_000]:
        answer_to(watched.server.address, data)
    wait_until(lambda: open_descriptors() <= before, lambda: "%d descriptors, from %d" % (open_descriptors(), before))
