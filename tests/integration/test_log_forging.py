"""No client writes lines of a log, or tells the terminal of who reads one what to do."""

import base64
import json

import pytest

from raw_http import Connection
from server_process import wait_until

HOSTILE = bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b"").replace(b" ", b"")
FORGED = b'x" 200 1 "-" "-"\n10.0.0.1 - - "GET /forged HTTP/1.1" 200'
EVERY_ATOM = ('%(h)s %(l)s %(u)s %(t)s "%(r)s" %(m)s %(U)s %(q)s %(H)s %(s)s %(B)s "%(f)s" "%(a)s" %({x-any}i)s '
              "%({x-echo}o)s %({PATH_INFO}e)s %({HTTP_X_ANY}e)s %({QUERY_STRING}e)s %(p)s")


def percent(data):
    return b"".join(b"%%%02X" % byte for byte in data)


def with_field(name, value):
    return b"GET /f HTTP/1.1\r\nHost: h\r\n" + name + b": " + value + b"\r\n\r\n"


PRINTABLE_IN_FIELDS = bytes(byte for byte in HOSTILE if byte >= 0x20 and byte != 0x7F)
REQUESTS = {
    "path": b"GET /" + percent(bytes(range(256)) + FORGED) + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    "query": b"GET /?" + percent(FORGED) + b'"\\\xff\x80 HTTP/1.1\r\nHost: h\r\n\r\n',
    "target": b'GET /"\\\x80\xff\xc2\x85 HTTP/1.1\r\nHost: h\r\n\r\n',
    "target with controls": b"GET /\x1b[2J\x07\x00\x7f HTTP/1.1\r\nHost: h\r\n\r\n",
    "method": b'GE"T\\ / HTTP/1.1\r\nHost: h\r\n\r\n',
    "method with an escape": b"GET\x1b[2J / HTTP/1.1\r\nHost: h\r\n\r\n",
    "protocol": b'GET / HTTP/"1\x1b.1\r\nHost: h\r\n\r\n',
    "not HTTP": b"\x1b]0;owned\x07 \xff\r\n\r\n",
    "a lone CR": b"GET /\rforged HTTP/1.1\r\nHost: h\r\n\r\n",
    "a NUL in a field": with_field(b"X-Any", b"a\x00b"),
    "a CR in a field": with_field(b"X-Any", b"a\rforged: b"),
    "referer": with_field(b"Referer", PRINTABLE_IN_FIELDS),
    "user agent": with_field(b"User-Agent", PRINTABLE_IN_FIELDS),
    "any field": with_field(b"X-Any", PRINTABLE_IN_FIELDS + b"\t."),
    "user": with_field(b"Authorization", b"Basic " + base64.b64encode(bytes(range(256)) + FORGED + b":p")),
    "X-Forwarded-For": with_field(b"X-Forwarded-For", b'1.2.3.4"\\\xff<'),
    "a path that is nowhere": b"GET /%1b%0aforged HTTP/1.1\r\nHost: h\r\nScript-Name: /a\xff\r\n\r\n",
}

ECHO = """
def app(environ, start_response):
    start_response("200 OK", [("X-Echo", environ.get("HTTP_X_ANY", "").strip() or "none")])
    return [b"x"]
"""


def assert_is_one_clean_line(data):
    assert data.endswith(b"\n") and data.count(b"\n") == 1, data
    assert all(0x20 <= byte <= 0x7E for byte in data[:-1]), data


@pytest.fixture(scope="module", params=["text", "json"])
def running(request, shared_server, worker_kind, tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    (folder / "echo_any.py").write_text(ECHO)
    shown = EVERY_ATOM if request.param == "text" else "json"
    running = shared_server(*worker_kind, "--pythonpath", str(folder), "--access-logfile", str(folder / "a.log"), "--access-logformat",
                            shown, "--log-format", request.param, "--log-level", "debug", "--limit-request-line", "0",
                            "--forwarded-allow-ips", "*", "echo_any:app",
                            cwd=folder)
    running.access_log, running.format = folder / "a.log", request.param
    return running


@pytest.mark.parametrize("name", REQUESTS)
def test_a_client_writes_one_clean_line(running, name):
    seen = len(running.access_log.read_bytes()) if running.access_log.exists() else 0
    errors = len(running.errorlog.read_bytes())
    with Connection(running.address) as connection:
        connection.send(REQUESTS[name])
        connection.read_response()
    wait_until(lambda: running.access_log.stat().st_size > seen, "a line")
    line = running.access_log.read_bytes()[seen:]
    assert_is_one_clean_line(line)
    if running.format == "json":
        json.loads(line)
    said = running.errorlog.read_bytes()[errors:]
    for one in said.splitlines(keepends=True):
        assert_is_one_clean_line(one)
        if running.format == "json":
            json.loads(one)
        else:
            assert one.startswith(b"["), said  # no line begins in the middle of another


def test_a_failing_application_is_told_with_an_escaped_request(server, worker_kind, tmp_path):
    (tmp_path / "fails.py").write_text("def app(environ, start_response):\n    raise ValueError('no')\n")
    running = server(*worker_kind, "fails:app")
    with Connection(running.address) as connection:
        connection.send(b'GET /\x80\xc2\x9b2J"\xff HTTP/1.1\r\nHost: h\r\n\r\n')
        assert connection.read_response().status == 500
    running.wait_for_log("ValueError: no")
    lines = running.errorlog.read_bytes().splitlines()
    (line,) = [one for one in lines if b"Error handling request" in one]
    assert rb'/\x80\xc2\x9b2J\"\xff' in line and all(0x20 <= byte <= 0x7E for byte in line)
