"""However a request ends, it has one line in the access log, with the status that its client got; what is no request has none."""

import socket
import struct

import pytest

from raw_http import Connection, get, only_plain, request_bytes
from server_process import read, wait_until

SHOWN = "%(s)s|%(B)s|%(r)s|%({x-id}i)s|%({content-length}o)s"


@pytest.fixture(scope="module")
def running(shared_server, worker_kind, tmp_path_factory):
    folder = tmp_path_factory.mktemp("logged")
    running = shared_server(*worker_kind, "--access-logfile", folder / "a.log", "--access-logformat", SHOWN, "--keep-alive", "1",
                            "--header-timeout", "1", "--body-timeout", "1", "kinds:app", cwd=folder)
    running.access_log = folder / "a.log"
    return running


def lines_since(running, seen, count):
    wait_until(lambda: read(running.access_log)[seen:].count("\n") >= count, lambda: "lines: %r" % read(running.access_log)[seen:])
    get(running.address, "/last")
    wait_until(lambda: "/last" in read(running.access_log)[seen:], "the last line")
    return [line for line in read(running.access_log)[seen:].splitlines() if "/last" not in line]


def head(target, *fields, line=b"GET %s HTTP/1.1"):
    return b"\r\n".join([line % target, b"Host: h", b"X-Id: 7", *fields, b"", b""])


# What is sent; the status; the request line in the log; whether the head was read.
REFUSED = {
    "a field without a name": (head(b"/r", b": x"), 400, "GET /r HTTP/1.1"),
    "white space before the colon": (head(b"/r", b"A : x"), 400, "GET /r HTTP/1.1"),
    "an expectation": (head(b"/r", b"Expect: x"), 417, "GET /r HTTP/1.1"),
    "two lengths": (head(b"/r", b"Content-Length: 1", b"Content-Length: 2"), 400, "GET /r HTTP/1.1"),
    "a bad target": (head(b"r", line=b"GET %s HTTP/1.1"), 400, "GET r HTTP/1.1"),
    "a bad method": (head(b"/r", line=b"get %s HTTP/1.1"), 400, "get /r HTTP/1.1"),
    "no request line": (b"x\r\n\r\n", 400, "x"),
    "a bad chunk": (head(b"/r", b"Transfer-Encoding: chunked", line=b"POST %s HTTP/1.1") + b"z\r\n", 400, "POST /r HTTP/1.1"),
    "too long a line": (head(b"/" + b"x" * 9000), 414, "-"),
    "too many fields": (head(b"/r", *[b"A: x"] * 200), 431, "GET /r HTTP/1.1"),
    "too large a field": (head(b"/r", b"A: " + b"x" * 9000), 431, "GET /r HTTP/1.1"),
    "an unknown coding": (head(b"/r", b"Transfer-Encoding: zip, chunked", line=b"POST %s HTTP/1.1"), 501, "POST /r HTTP/1.1"),
    "another version": (head(b"/r", line=b"GET %s HTTP/2.0"), 505, "GET /r HTTP/2.0"),
    "a head that does not come": (b"GET /r HTTP/1.1\r\nHost: h\r\n", 408, "GET /r HTTP/1.1"),
    "a body that does not come": (head(b"/r", b"Content-Length: 5", line=b"POST %s HTTP/1.1"), 408, "POST /r HTTP/1.1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_request_has_its_line(running, name):
    data, status, line = REFUSED[name]
    seen = len(read(running.access_log))
    with Connection(running.address) as connection:
        connection.send(data)
        response = connection.read_response()
    assert response.status == status
    (logged,) = lines_since(running, seen, 1)
    assert logged.startswith("%d|%d|%s|" % (status, len(response.body), line))
    assert logged.endswith("|-")  # an error page has no headers of the application


ANSWERED = {
    "/declared-length": "200|5", "/generator": "200|35", "/rest-of-file": "200|10", "/boom": "500|111", "/no-content": "204|0",
}  # fmt: skip


@pytest.mark.parametrize("path", ANSWERED)
def test_an_answered_request_has_its_line(running, path):
    seen = len(read(running.access_log))
    get(running.address, path, [("X-Id", "8")])
    (logged,) = lines_since(running, seen, 1)
    assert logged.startswith("%s|GET %s HTTP/1.1|8|" % (ANSWERED[path], path))


def test_what_is_no_request_has_no_line(running):
    seen = len(read(running.access_log))
    with Connection(running.address):
        pass
    with Connection(running.address) as connection:
        connection.send(b"GET /half HTTP/1.1\r\nHo")
    with Connection(running.address) as connection:
        connection.send(request_bytes("/declared-length"))
        connection.read_response()
        connection.assert_closed()  # the time of keepalive is over
    assert [line.split("|")[2] for line in lines_since(running, seen, 1)] == ["GET /declared-length HTTP/1.1"]


def reset(connection):
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@only_plain
def test_a_client_that_is_gone_before_its_answer_has_499(server, worker_kind, gate, tmp_path):
    running = server(*worker_kind, "--access-logfile", tmp_path / "a.log", "--access-logformat", "%(s)s %(B)s %(U)s", "gate:app",
                     env=gate.env)
    connection = Connection(running.address)
    connection.send(request_bytes("/wait/one"))
    gate.wait_for()
    reset(connection)
    gate.open()
    wait_until(lambda: "\n" in read(tmp_path / "a.log"), "a line")
    assert read(tmp_path / "a.log") == "499 0 /wait/one\n"


@only_plain
def test_a_client_that_leaves_in_its_answer_has_the_status_it_got(server, worker_kind, tmp_path):
    running = server(*worker_kind, "--access-logfile", tmp_path / "a.log", "--access-logformat", "%(s)s %(B)s %(U)s", "vanishing:app")
    connection = Connection(running.address, receive_buffer=4096)
    connection.send(request_bytes("/stream"))
    assert connection.read_head().status == 200
    reset(connection)
    wait_until(lambda: "\n" in read(tmp_path / "a.log"), "a line")
    status, count, path = read(tmp_path / "a.log").split()
    assert (status, path) == ("200", "/stream") and 0 < int(count) < 65536 * 1000


@only_plain
def test_a_client_that_leaves_in_its_request_has_499(server, worker_kind, tmp_path):
    running = server(*worker_kind, "--access-logfile", tmp_path / "a.log", "--access-logformat", "%(s)s %(B)s %(U)s", "vanishing:app")
    connection = Connection(running.address)
    connection.send(request_bytes("/body", [("Content-Length", "100000")], "POST") + b"x")
    get(running.address, "/other")
    reset(connection)
    wait_until(lambda: "/body" in read(tmp_path / "a.log"), "a line")
    assert "499 0 /body\n" in read(tmp_path / "a.log")
