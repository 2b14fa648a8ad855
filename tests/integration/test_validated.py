"""Every feature of PEP 3333 under wsgiref.validate, which watches both sides: what it notices is an AssertionError in
the log and a 500."""

import pytest

from raw_http import Connection, Truncated, chunked, get, request_bytes


@pytest.fixture(scope="module")
def server(shared_server, worker_kind):
    return shared_server(*worker_kind, "validated:features")


@pytest.fixture(scope="module")
def wronged(shared_server, worker_kind):
    return shared_server(*worker_kind, "validated:wronged")


@pytest.fixture(autouse=True)
def nothing_noticed(request):
    """No rule is broken, and no iterable left unclosed."""
    if "server" not in request.fixturenames:
        yield
        return
    running = request.getfixturevalue("server")
    read = len(running.log)
    yield
    get(running.address, "/generating")
    assert "AssertionError" not in running.log[read:] and "without being closed" not in running.log[read:]


@pytest.mark.parametrize(
    "path, status, body",
    [
        ("/writing", 200, b"written,returned"),
        ("/generating", 200, b"one,two"),
        ("/empty_iterator", 200, b""),
        ("/file", 200, b"of a file " * 100),
        ("/changing_its_mind", 503, b"sorry"),
        ("/without_a_body?204+No+Content", 204, b""),
        ("/without_a_body?304+Not+Modified", 304, b""),
    ],
)
def test_an_application_that_follows_the_rules_finds_a_server_that_does(server, path, status, body):
    with Connection(server.address) as connection:
        for _ in range(3):
            response = connection.get(path)
            assert (response.status, response.body) == (status, body)


def test_an_exception_behind_the_head_is_raised_again_and_cuts_the_answer(server):
    with Connection(server.address) as connection:
        with pytest.raises(Truncated):
            connection.get("/too_late")
    server.wait_for_log("too late for another status")


BODY = b"line one\r\nline two\nthird\n\nlast"


@pytest.mark.parametrize("cut", [None, 1, 5, len(BODY) - 1])
def test_the_input_is_read_in_every_way(server, cut):
    """The same, whether the body has a length or is chunked."""
    expected = b"line| one\r\n||li|ne two\n|third\n|\n|last||"
    with Connection(server.address) as connection:
        if cut is None:
            response = connection.get("/sized_reads", method="POST", body=BODY)
        else:
            connection.send(request_bytes("/sized_reads", [("Transfer-Encoding", "chunked")], "POST"))
            connection.send(chunked(BODY[:cut], BODY[cut:]))
            response = connection.read_response()
        assert response.body == expected


@pytest.mark.parametrize(
    "wrong", ["version", "no-method", "bytes", "content-type", "length", "script", "input", "errors", "text"])
def test_a_server_that_broke_a_rule_would_be_noticed(wronged, wrong):
    read = len(wronged.log)
    response = get(wronged.address, "/?" + wrong, method="POST", body=b"a=b")
    assert response.status == 500
    assert "AssertionError" in wronged.log[read:]


def test_a_server_that_did_not_close_its_iterables_would_be_noticed(wronged):
    read = len(wronged.log)
    get(wronged.address, "/?unclosed")
    wronged.wait_for_log("without being closed")
    assert "without being closed" in wronged.log[read:]
