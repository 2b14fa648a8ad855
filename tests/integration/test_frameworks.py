"""Real frameworks, each through its own requests and responses: one list of scenarios for all of them. What an
application does for a path is in tests/apps/frameworks/README.md."""

import hashlib
import json
import sys
import urllib.parse

import pytest

from raw_http import Connection, chunked
from server_process import APPS, SANITIZED

sys.path.insert(0, str(APPS))
from frameworks import common  # noqa: E402

FRAMEWORKS = ["flask", "django", "bottle", "falcon", "pyramid"]
HAS_RANGES = {"flask", "bottle", "pyramid"}
READS_CHUNKED = {"flask", "pyramid"}  # the others go by CONTENT_LENGTH alone
HAS_CONDITIONS = {"flask", "django", "bottle", "pyramid"}
CONTENT = common.FILE.read_bytes()


@pytest.fixture(params=FRAMEWORKS)
def framework(request):
    return request.param


@pytest.fixture
def client(framework, shared_server, worker_kind):
    # Sanitizers make importing a framework slow: a sync worker is aborted for it without more time.
    server = shared_server(*worker_kind, "--timeout", "120", "frameworks.%s_app:app" % framework)
    with Connection(server.address) as connection:
        yield connection


def post(client, path, body, content_type, *headers):
    return client.get(path, [("Content-Type", content_type), *headers], "POST", body)


def multipart(*files):
    boundary = "----boundary----"
    form = (b"--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n"
            b"Content-Type: application/octet-stream\r\n\r\n%s\r\n")
    parts = [form % (boundary.encode(), field.encode(), name.encode(), content) for field, name, content in files]
    return b"".join(parts) + b"--%s--\r\n" % boundary.encode(), "multipart/form-data; boundary=" + boundary


def ok_json(response):
    assert response.status == 200, response
    return json.loads(response.body)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def a_url_encoded_form(client, framework):
    body = urllib.parse.urlencode([("name", "Zoë & co"), ("list", "1"), ("list", "2")]).encode()
    answer = ok_json(post(client, "/form", body, "application/x-www-form-urlencoded"))
    assert answer == {"name": ["Zoë & co"], "list": ["1", "2"]}


def an_upload_of_several_files(client, framework):
    """The large one does not stay in memory, here and in the framework."""
    large = bytes(range(256)) * 12288
    files = [("small", "a.txt", b"small\r\n--content"), ("empty", "b.bin", b""), ("large", "c.bin", large)]
    answer = ok_json(post(client, "/upload", *multipart(*files)))
    assert answer == [[field, name, len(content), sha256(content)] for field, name, content in files]


def a_chunked_upload(client, framework):
    body, content_type = multipart(("one", "a.txt", b"x" * 100_000))
    pieces = chunked(*(body[at : at + 7000] for at in range(0, len(body), 7000)))
    response = post(client, "/upload", pieces, content_type, ("Transfer-Encoding", "chunked"))
    if framework in READS_CHUNKED:
        assert ok_json(response) == [["one", "a.txt", 100_000, sha256(b"x" * 100_000)]]
    else:
        assert b"a.txt" not in response.body
    assert ok_json(client.get("/echo/next?q=1"))["path"] == "next", "what was not read is no request"


def json_both_ways(client, framework):
    value = {"text": "ä\n\u2028", "list": [1, 2.5, None, True]}
    answer = ok_json(post(client, "/json", json.dumps(value).encode(), "application/json"))
    assert answer == {"got": value}


def a_body_read_in_pieces(client, framework):
    body = bytes(range(256)) * 5000
    answer = ok_json(post(client, "/count", body, "application/octet-stream"))
    assert answer == {"length": len(body), "sha256": sha256(body)}


def a_body_that_is_announced(client, framework):
    client.sock.sendall(b"POST /count HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    assert client.read_head().status == 100
    client.sock.sendall(b"hello")
    assert ok_json(client.read_response())["length"] == 5


def a_streamed_response(client, framework):
    response = client.get("/stream?5")
    assert response.get("Transfer-Encoding") == "chunked"
    assert response.body == b"".join(common.pieces(5))


def a_large_download(client, framework):
    response = client.get("/large?128")
    assert response.get("Content-Length") == str(128 * len(common.PIECE))
    assert sha256(response.body) == sha256(common.PIECE * 128)


def the_head_of_a_large_download(client, framework):
    response = client.get("/large?128", method="HEAD")
    assert response.status == 200
    assert response.get("Content-Length") in (str(128 * len(common.PIECE)), None)


def redirects(client, framework):
    for kind in ("absolute", "relative"):
        response = client.get("/redirect/" + kind)
        assert response.status in (302, 303)
        target = urllib.parse.urljoin("http://test/redirect/" + kind, response.get("Location"))
        assert target == "http://test/echo/there"


def cookies(client, framework):
    response = client.get("/cookies", [("Cookie", "a=1; b=two")])
    assert ok_json(response) == {"a": "1", "b": "two"}
    said = sorted(value.split(";")[0].split("=")[0] for name, value in response.headers if name.lower() == "set-cookie")
    assert said == ["one", "two"], "each cookie in a field of its own"


def a_file(client, framework):
    response = client.get("/file")
    assert (response.status, response.body) == (200, CONTENT)
    assert response.get("Content-Type").startswith("text/x-python")


def the_head_of_a_file(client, framework):
    response = client.get("/file", method="HEAD")
    assert (response.status, response.body) == (200, b"")
    assert response.get("Content-Length") in (str(len(CONTENT)), None)


def parts_of_a_file(client, framework):
    for said, part in [("bytes=0-9", CONTENT[:10]), ("bytes=100-", CONTENT[100:]), ("bytes=-7", CONTENT[-7:])]:
        response = client.get("/file", [("Range", said)])
        if framework in HAS_RANGES:
            assert (response.status, response.body) == (206, part), said
            assert response.get("Content-Range").endswith("/%d" % len(CONTENT))
        else:
            assert (response.status, response.body) == (200, CONTENT)


def a_file_that_has_not_changed(client, framework):
    if framework not in HAS_CONDITIONS:
        return
    last = client.get("/file").get("Last-Modified")
    response = client.get("/file", [("If-Modified-Since", last)])
    assert (response.status, response.body) == (304, b"")
    assert client.get("/file").body == CONTENT, "the connection is where it should be"


def paths_and_queries_beyond_ascii(client, framework):
    path, query = "grün/日本", "ß & ☃"
    response = client.get("/echo/%s?q=%s" % (urllib.parse.quote(path), urllib.parse.quote(query)))
    assert ok_json(response) == {"path": path, "query": query}


def a_page_of_its_own_for_what_is_missing(client, framework):
    response = client.get("/no/such/thing")
    assert (response.status, response.body) == (404, b"custom page for /no/such/thing")


def a_view_that_raises(client, framework):
    assert client.get("/boom").status == 500
    assert client.get("/echo/after?q=1").status == 200


SCENARIOS = [a_url_encoded_form, an_upload_of_several_files, a_chunked_upload, json_both_ways, a_body_read_in_pieces,
             a_body_that_is_announced, a_streamed_response, a_large_download, the_head_of_a_large_download, redirects,
             cookies, a_file, the_head_of_a_file, parts_of_a_file, a_file_that_has_not_changed,
             paths_and_queries_beyond_ascii, a_page_of_its_own_for_what_is_missing, a_view_that_raises]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_a_framework_serves(client, framework, scenario):
    scenario(client, framework)


def test_one_connection_goes_through_everything_twice(client, framework):
    for scenario in SCENARIOS * (1 if SANITIZED else 2):
        if scenario is a_body_that_is_announced and client.is_over:
            continue
        scenario(client, framework)
