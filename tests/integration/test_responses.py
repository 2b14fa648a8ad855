"""What applications may say about their response, and what becomes of it (PEP 3333; RFC 9110, 9112)."""

import pytest

from raw_http import Connection, get, request_bytes
from server_process import wait_until

KINDS = {"sync": ("--worker-class", "sync", "-w", "1"), "gthread": ("--worker-class", "gthread", "--threads", "4", "-w", "1")}


@pytest.fixture(scope="module", params=list(KINDS))
def kinds(request, shared_server):
    return shared_server(*KINDS[request.param], "--access-logfile", "-", "kinds:app")


@pytest.fixture
def same_worker(kinds):
    """Fails when the worker that served before the test is not the one after it."""
    before = int(get(kinds.address, "/pid").body)
    yield
    assert int(get(kinds.address, "/pid").body) == before, "the worker lived on"


# early hints


def test_early_hints_go_before_the_response(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/early-hints"))
        first, second = connection.read_head(), connection.read_head()
        final = connection.read_response()
        assert connection.get("/declared-length").body == b"12345"
    assert (first.status, first.headers) == (103, [("Link", "</style.css>; rel=preload")])
    assert (second.status, second.headers) == (103, [("Link", "</script.js>; rel=preload")])
    assert (final.status, final.body) == (200, b"final")


def test_early_hints_are_not_sent_behind_the_head(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/early-hints-in-a-generator"))
        assert connection.read_head().status == 103
        assert connection.read_response().body == b"first,second"


@pytest.mark.parametrize("target", ["/early-hints", "/early-hints-in-a-generator"])
def test_early_hints_are_not_sent_to_http_1_0(kinds, same_worker, target):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes(target, version="HTTP/1.0"))
        assert connection.read_response().status == 200


def test_an_exception_behind_early_hints_is_a_500(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/early-hints-and-boom"))
        assert connection.read_head().status == 103
        assert connection.read_response().status == 500
        connection.assert_closed()


@pytest.mark.parametrize("what", ["value", "name", "bytes", "type"])
def test_early_hints_that_would_break_http_are_never_sent(kinds, same_worker, what):
    response = get(kinds.address, "/bad-early-hints?" + what)
    assert response.status == 500
    assert response.get("Set-Cookie") is None


def test_early_hints_of_a_request_that_is_over_raise(kinds, same_worker):
    get(kinds.address, "/early-hints-after-the-request")
    assert b"over" in get(kinds.address, "/early-hints-after-the-request").body
