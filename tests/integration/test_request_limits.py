"""limit_request_body over real sockets."""

import pytest

from raw_http import Connection, chunked, get, request_bytes


@pytest.fixture(scope="module")
def limited(shared_server, worker_kind):
    return shared_server(*worker_kind, "--limit-request-body", "10", "echo_request:app").address


def answer_to(address, *pieces):
    with Connection(address) as connection:
        for piece in pieces:
            connection.send(piece)
        response = connection.read_response()
        if response.status >= 400:
            assert response.get("Connection") == "close"
            connection.assert_closed()
        return response.status, response.body


def head(*fields, method="POST"):
    return request_bytes("/p", fields, method)


def test_a_body_up_to_the_limit_is_served(limited):
    assert answer_to(limited, head(("Content-Length", "10")), b"0123456789") == (200, b"POST /p[0123456789]")
    assert answer_to(limited, head(("Transfer-Encoding", "chunked")), chunked(b"01234", b"56789"))[0] == 200


def test_a_longer_body_is_refused_with_413_before_a_byte_of_it_is_sent(limited):
    assert answer_to(limited, head(("Content-Length", "11")))[0] == 413
    assert answer_to(limited, head(("Content-Length", "18446744073709551615")))[0] == 413


def test_a_longer_body_is_refused_instead_of_asked_for(limited):
    with Connection(limited) as connection:
        connection.send(head(("Expect", "100-continue"), ("Content-Length", "11")))
        assert connection.read_response().status == 413
        connection.assert_closed()


def test_a_chunk_that_passes_the_limit_is_refused_before_its_data(limited):
    assert answer_to(limited, head(("Transfer-Encoding", "chunked")), b"5\r\n01234\r\n6\r\n")[0] == 413
    assert answer_to(limited, head(("Transfer-Encoding", "chunked")), b"ffffffffffffffff\r\n")[0] == 413


def test_nothing_behind_a_body_that_is_too_large_is_read(limited):
    evil = request_bytes("/evil")
    assert answer_to(limited, head(("Content-Length", str(len(evil)))), evil)[0] == 413


def test_no_limit_is_the_default(shared_server, worker_kind):
    address = shared_server(*worker_kind, "echo_request:app").address
    body = b"x" * 3_000_000
    assert get(address, "/p", method="POST", body=body).body == b"POST /p[" + body + b"]"


def test_a_negative_limit_is_an_error(run):
    result = run("--limit-request-body", "-1", "echo_request:app")
    assert result.status == 1
    assert "limit_request_body" in result.stderr


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["--limit-request-line", "9000"], {"limit-beyond-gunicorn"}),
        (["--limit-request-fields", "0"], {"limit-beyond-gunicorn"}),
        (["--limit-request-line", "8190", "--limit-request-field_size", "20000", "--limit-request-body", "5"], set()),
    ],
)
def test_a_limit_that_gunicorn_would_change_is_told_in_a_check(run, arguments, expected):
    result = run("--check-config", *arguments, "echo_request:app")
    assert result.status == 0
    assert {name for _, _, name in result.diagnostics} == expected
