"""Bodies of requests: wsgi.input in every way, where bodies are kept, and what becomes of those that are cut."""

import json
import shutil

import pytest

from raw_http import Connection, chunked, get, only_plain, request_bytes
from server_process import BINARY, wait_until

KINDS = {"sync": ("--worker-class", "sync", "-w", "1"), "gthread": ("--worker-class", "gthread", "--threads", "4", "-w", "1")}
SCRIPTS = 34
BODIES = {
    "nothing": "b''",
    "a line": r"b'one line\n'",
    "lines": r"b'first\n\nthird line is longer\r\nlast without end'",
    "long lines": r"b'x' * 9000 + b'\n' + b'y' * 20000",
    "in a file": r"(b'line of a large body\n' + b'z' * 9000) * 100",
}


@pytest.fixture(scope="module", params=list(KINDS))
def inputs(request, shared_server):
    return shared_server(*KINDS[request.param], "--limit-request-line", "0", "--log-level", "debug", "inputs:app")


@pytest.fixture(scope="module", params=list(KINDS))
def kinds(request, shared_server):
    return shared_server(*KINDS[request.param], "--access-logfile", "-", "--log-level", "debug", "kinds:app")


def ask(connection, target, expression, coding="length"):
    body = eval(expression, {})
    headers = [("X-Body", expression)]
    if coding == "length":
        return json.loads(connection.get(target, headers, "POST", body).body)
    connection.send(request_bytes(target, headers + [("Transfer-Encoding", "chunked")], "POST") + chunked(*([body] if body else [])))
    return json.loads(connection.read_response().body)


@pytest.mark.parametrize("coding", ["length", "chunked"])
@pytest.mark.parametrize("name", BODIES)
def test_wsgi_input_reads_as_a_file_does(inputs, name, coding):
    for script in range(SCRIPTS):
        with Connection(inputs.address) as connection:
            assert ask(connection, "/?%d" % script, BODIES[name], coding)["wrong"] == [], script


def test_a_chunked_body_has_no_length_and_a_terminated_input(inputs):
    with Connection(inputs.address) as connection:
        answer = ask(connection, "/", "b'abc'", "chunked")
    assert (answer["length"], answer["coding"], answer["terminated"]) == (None, "chunked", True)


def test_an_input_that_is_kept_is_empty_after_its_request(inputs):
    with Connection(inputs.address) as connection:
        ask(connection, "/kept", "b'first body'")
        assert ask(connection, "/kept", "b'second body'")["kept"] == [""]


# cut bodies


@pytest.mark.parametrize(
    "head, body",
    [
        ([("Content-Length", "100")], b"ten bytes."),
        ([("Content-Length", "2000000")], b"x" * 1_000_000),
        ([("Transfer-Encoding", "chunked")], b"5\r\nabcde\r\n"),
        ([("Transfer-Encoding", "chunked")], b"5\r\nabcde\r\n0\r\n"),
    ],
)
def test_a_body_that_is_cut_never_reaches_the_application(kinds, head, body):
    logged = len(kinds.log)
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/boom", head, "POST") + body)
        connection.sock.shutdown(1)
        connection.assert_closed()
    wait_until(lambda: "Ignored premature client disconnection." in kinds.log[logged:], "the line of a client that left")
    assert "on purpose" not in kinds.log[logged:]


# bodies that cannot be kept


def large(connection):
    connection.send(request_bytes("/unread-body", [("Content-Length", "700000")], "POST") + b"x" * 700_000)
    return connection.read_response()


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_body_that_cannot_be_kept_is_a_500_and_the_server_lives_on(server, kind, tmp_path):
    folder = tmp_path / "uploads"
    folder.mkdir()
    config = tmp_path / "c.py"
    config.write_text("tmp_upload_dir = %r\n" % str(folder))
    running = server(*KINDS[kind], "-c", config, "kinds:app")
    with Connection(running.address) as connection:
        assert large(connection).status == 200
    shutil.rmtree(folder)
    with Connection(running.address) as connection:
        response = large(connection)
        assert (response.status, response.get("Connection")) == (500, "close")
        connection.assert_closed()
    running.wait_for_log(r"The body of POST /unread-body HTTP/1.1 cannot be kept: %s: No such file or directory" % folder)
    assert get(running.address, "/unread-body", [], "POST", b"short").status == 200
    folder.mkdir()
    with Connection(running.address) as connection:
        assert large(connection).status == 200


@only_plain
def test_a_disk_without_room_is_a_500_and_the_server_lives_on(server):
    limited = ["/bin/sh", "-c", 'ulimit -f 1200; exec "$0" "$@"', BINARY]  # 600 KiB a file
    running = server("kinds:app", command=limited)
    with Connection(running.address) as connection:
        assert large(connection).status == 500
    running.wait_for_log("The body of POST /unread-body HTTP/1.1 cannot be kept: .*File too large")
    assert get(running.address, "/unread-body", [], "POST", b"short").status == 200
