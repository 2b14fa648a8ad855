"""Applications and frameworks: what they send arrives, under each worker class."""

import hashlib
import http.client
import json
import os
import pathlib

import pytest

from raw_http import Connection, chunked, get, only_plain, request_bytes
from server_process import EXAMPLES, wait_until

@pytest.fixture(scope="module")
def serve(shared_server, worker_kind):
    def start(app, *arguments):
        folder = EXAMPLES if app.startswith(("flask_app", "django_app")) else None
        path = ("--pythonpath", str(folder)) if folder else ()
        return shared_server(*worker_kind, *path, *arguments, app)

    return start


@pytest.fixture
def kinds(serve):
    return serve("kinds:app").address


# hello


def test_a_request_is_answered_with_gunicorns_headers(serve):
    response = get(serve("hello:app").address)
    assert (response.version, response.status, response.reason) == ("HTTP/1.1", 200, "OK")
    assert response.body == b"hello\n"
    assert response.get("Server") == "gunicorn"
    assert response.get("Date").endswith(" GMT")
    assert response.get("Connection") == "close"


@only_plain
def test_http_client_of_python_is_served(serve):
    host, port = serve("hello:app").address
    connection = http.client.HTTPConnection(host, port, timeout=30)
    for _ in range(3):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello\n"
    connection.close()


def test_the_application_name_defaults_to_application(serve):
    assert get(serve("hello").address).body == b"hello\n"


def test_an_application_factory_is_called_with_literals(serve):
    assert get(serve("hello:factory('hi', mark='!')").address).body == b"hi!"


def test_an_application_may_be_an_attribute_of_an_object(serve):
    assert get(serve("hello:box.app").address).body == b"hello\n"


# wsgiref.validate


@pytest.mark.parametrize("method, body", [("GET", None), ("POST", b"a=b"), ("PUT", b""), ("DELETE", None), ("OPTIONS", None)])
def test_the_validated_application_is_satisfied_by(serve, method, body):
    response = get(serve("validated:app").address, "/path%20x", method=method, body=body)
    assert (response.status, response.body) == (200, method.encode() + b" /path x " + (body or b""))


def test_the_validated_application_is_satisfied_by_head(serve):
    response = get(serve("validated:app").address, "/", method="HEAD")
    assert (response.status, response.get("Content-Length"), response.body) == (200, "7", b"")


def test_the_validated_application_reads_its_body_in_every_way(serve):
    server = serve("validated:reader")
    body = b"line one\r\nline two\nthird"
    with Connection(server.address) as connection:
        length = connection.get("/", [], "POST", body)
        connection.send(request_bytes("/", [("Transfer-Encoding", "chunked")], "POST") + chunked(body[:3], body[3:]))
        pieces = connection.read_response()
    assert length.body == pieces.body == b"line one\r\n|lin|e two\n|third"


def test_the_validated_application_writes_to_wsgi_errors(serve):
    server = serve("validated:app")
    get(server.address, "/to-the-error-log")
    server.wait_for_log("validated: /to-the-error-log")


# Flask and Django


@pytest.fixture(params=["flask_app:app", "django_app:app"])
def framework(serve, request):
    return serve(request.param).address


def test_a_framework_answers_get(framework):
    response = get(framework)
    assert response.status == 200
    assert response.body in (b"hello from Flask\n", b"hello from Django\n")


def test_a_framework_answers_head_without_a_body(framework):
    with Connection(framework) as connection:
        response = connection.get("/", method="HEAD")
        assert response.status == 200
        assert int(response.get("Content-Length", 18)) == len(connection.get("/").body)


def test_a_framework_gets_the_body_of_a_post(framework):
    body = os.urandom(100_000)
    response = get(framework, "/echo", [("Content-Type", "application/octet-stream")], "POST", body)
    assert (response.status, response.get("Content-Type")) == (200, "application/octet-stream")
    assert response.body == body


def test_flask_gets_a_chunked_body(serve):  # Django reads as much as CONTENT_LENGTH says, whatever the server
    with Connection(serve("flask_app:app").address) as connection:
        head = [("Transfer-Encoding", "chunked"), ("Content-Type", "text/plain")]
        connection.send(request_bytes("/echo", head, "POST") + chunked(b"first ", b"second"))
        response = connection.read_response()
    assert response.status == 200
    assert response.body == b"first second"


def test_a_framework_gets_forms_and_files(framework):
    body = (
        b'--B\r\nContent-Disposition: form-data; name="name"\r\n\r\nvalue\r\n'
        b'--B\r\nContent-Disposition: form-data; name="upload"; filename="f.bin"\r\n\r\n' + b"x" * 300_000 + b"\r\n--B--\r\n"
    )
    response = get(framework, "/form", [("Content-Type", "multipart/form-data; boundary=B")], "POST", body)
    assert response.status == 200, response
    assert json.loads(response.body) == {"name": "value", "files": {"upload": 300_000}}


def test_a_framework_streams(framework):
    response = get(framework, "/stream/1000")
    assert response.body == b"".join(b"line %d\n" % number for number in range(1000))


def test_a_framework_answers_404_for_an_unknown_path(framework):
    assert get(framework, "/nowhere").status == 404


# bodies of requests


BODIES = {"empty": b"", "short": b"abc", "4 KiB": os.urandom(4096), "300 KB": os.urandom(300_000), "2 MB": os.urandom(2_000_000)}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_with_a_length_arrives_whole(serve, name):
    body = BODIES[name]
    seen = json.loads(get(serve("probe:app").address, "/", [], "POST", body).body)
    assert (seen["body_length"], seen["body_sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert seen["environ"]["CONTENT_LENGTH"] == str(len(body))


@pytest.mark.parametrize("name", BODIES)
def test_a_chunked_body_arrives_whole(serve, name):
    body = BODIES[name]
    pieces = [body[at : at + 10_007] for at in range(0, len(body), 10_007)]
    with Connection(serve("probe:app").address) as connection:
        connection.send(request_bytes("/", [("Transfer-Encoding", "chunked")], "POST") + chunked(*pieces))
        seen = json.loads(connection.read_response().body)
        again = connection.get("/next")
    assert (seen["body_length"], seen["body_sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert "CONTENT_LENGTH" not in seen["environ"]
    assert again.status == 200


def test_a_large_body_waits_in_an_unlinked_file_of_tmp_upload_dir(server, worker_kind, tmp_path):
    folder = tmp_path / "uploads"
    folder.mkdir()
    config = tmp_path / "c.py"
    config.write_text("tmp_upload_dir = %r\n" % str(folder))
    running = server(*worker_kind, "-c", config, "probe:app")
    body = os.urandom(2_000_000)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/", [("Content-Length", str(len(body)))], "POST") + body[:-1])
        (worker,) = running.wait_for_workers(1)

        def spilled():
            links = []
            for entry in pathlib.Path("/proc/%d/fd" % worker).iterdir():
                try:
                    links.append(os.readlink(entry))
                except FileNotFoundError:
                    pass
            return [link for link in links if link.startswith(str(folder))]

        (link,) = wait_until(spilled, "a file in the upload folder")
        assert link.endswith(" (deleted)") and list(folder.iterdir()) == []
        connection.send(body[-1:])
        assert json.loads(connection.read_response().body)["body_sha256"] == hashlib.sha256(body).hexdigest()


def test_a_body_that_the_application_did_not_read_does_not_harm_the_next_request(kinds):
    with Connection(kinds) as connection:
        for size in (10, 200_000):
            first = connection.get("/unread-body", [], "POST", b"GET /boom HTTP/1.1\r\n\r\n" + b"x" * size)
            assert (first.status, first.body) == (200, b"did not look")
            assert connection.get("/declared-length").body == b"12345"


def test_a_body_sent_byte_by_byte_arrives_whole(serve):
    with Connection(serve("probe:app").address) as connection:
        for byte in request_bytes("/slow", [], "POST", b"slowly"):
            connection.send(bytes([byte]))
        assert json.loads(connection.read_response().body)["body_length"] == 6


# bodies of responses


COMPLETE = {
    "/list-of-pieces": b"one,two,three",
    "/declared-length": b"12345",
    "/generator": b"piece0;piece1;piece2;piece3;piece4;",
    "/empty-pieces": b"ab",
    "/empty-list": b"",
    "/empty-generator": b"",
    "/write-calls": b"first,second,third",
    "/write-only": b"only",
    "/large-write": b"w" * (64 * 65536),
    "/file": b"0123456789" * 30000,
    "/rest-of-file": b"0123456789",
    "/part-of-file": b"0123456",
    "/file-without-descriptor": b"in memory " * 1000,
    "/empty-file": b"",
    "/big?3000000": b"b" * 3_000_000,
    "/big-in-one-piece?3000000": b"B" * 3_000_000,
}


@pytest.mark.parametrize("target", COMPLETE)
def test_a_response_arrives_whole_and_the_connection_lives(kinds, target):
    with Connection(kinds) as connection:
        for _ in range(2):
            response = connection.get(target)
            assert response.status == 200
            assert len(response.body) == len(COMPLETE[target])
            assert response.body == COMPLETE[target]


@pytest.mark.parametrize("target", COMPLETE)
def test_a_response_to_http_1_0_ends_with_the_connection_and_is_not_chunked(kinds, target):
    with Connection(kinds) as connection:
        connection.send(request_bytes(target, version="HTTP/1.0"))
        response = connection.read_response()
        connection.assert_closed()
    assert response.get("Transfer-Encoding") is None
    assert response.body == COMPLETE[target]


@pytest.mark.parametrize("target", COMPLETE)
def test_head_is_answered_without_a_body(kinds, target):
    with Connection(kinds) as connection:
        assert connection.get(target, method="HEAD").status == 200
        # Bytes of a body would be taken for the head of the next response.
        assert connection.get("/declared-length").body == b"12345"


def test_files_are_served_the_same_without_sendfile(serve):
    address = serve("kinds:app", "--no-sendfile").address
    for target in ("/file", "/rest-of-file", "/part-of-file", "/file-without-descriptor", "/empty-file"):
        assert get(address, target).body == COMPLETE[target], target


def test_a_list_of_known_length_is_not_chunked(kinds):
    response = get(kinds, "/list-of-pieces")
    assert (response.get("Content-Length"), response.get("Transfer-Encoding")) == ("13", None)


def test_a_generator_is_chunked(kinds):
    response = get(kinds, "/generator")
    assert (response.get("Content-Length"), response.get("Transfer-Encoding")) == (None, "chunked")


def test_a_generator_may_call_start_response_with_its_first_piece(kinds):
    response = get(kinds, "/late-start-response")
    assert (response.status, response.body) == (201, b"late")


@pytest.mark.parametrize("target, status", [("/no-content", 204), ("/not-modified", 304)])
def test_a_response_without_a_body_has_no_length_either(kinds, target, status):
    with Connection(kinds) as connection:
        response = connection.get(target)
        assert response.status == status
        assert response.get("Transfer-Encoding") is None
        assert response.get("Content-Length") is None
        assert connection.get("/declared-length").body == b"12345"


def test_exc_info_replaces_a_response_that_has_not_begun(kinds):
    response = get(kinds, "/exc-info-before-output")
    assert (response.status, response.get("Content-Type"), response.body) == (503, "text/x-error", b"sorry")


def test_headers_that_belong_to_the_server_are_not_taken_from_the_application(kinds):
    with Connection(kinds) as connection:
        response = connection.get("/hop-by-hop")
        assert [value for name, value in response.headers if name.lower() == "server"] == ["gunicorn"]
        assert [value for name, value in response.headers if name.lower() == "date"] != ["yesterday"]
        assert response.get("X-Own") == "kept"


def test_a_body_longer_than_declared_is_cut(kinds):
    with Connection(kinds) as connection:
        assert connection.get("/longer-than-declared").body == b"lon"
        assert connection.get("/declared-length").body == b"12345", "the rest of the first body is not taken for a response"


def test_close_of_the_iterable_is_called_after_the_last_piece(kinds):
    with Connection(kinds) as connection:
        assert connection.get("/closing").body == b"ab"
        assert "complete" in connection.get("/closed").body.decode().split(",")
