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


# write() in threads of the application


def test_write_of_a_thread_that_the_application_waits_for_is_sent(kinds, same_worker):
    assert get(kinds.address, "/write-in-a-thread-that-is-waited-for").body == b"of the thread,of the application"


def test_write_of_a_thread_ends_when_the_application_returns(kinds, same_worker):
    with Connection(kinds.address) as connection:
        body = connection.get("/write-goes-on-in-a-thread").body
        assert body.strip(b"w") == b"" and len(body) % 65536 == 0
        told = wait_until(lambda: connection.get("/what-the-thread-was-told").body, "the thread ends").decode()
    assert told.startswith("RuntimeError: ") and "write()" in told


def test_write_of_a_thread_does_not_mix_with_the_pieces_of_a_generator(kinds, same_worker):
    body = get(kinds.address, "/write-between-the-pieces").body
    assert set(body) <= set(b"pw") and all(len(piece) % 1000 == 0 for piece in body.split(b"w"))


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
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/early-hints-after-the-request"))
        assert connection.read_head().status == 103
        assert connection.read_response().body == b"first call"
    assert b"over" in get(kinds.address, "/early-hints-after-the-request").body


# start_response


BAD_HEADS = [
    "status-bytes", "status-number", "status-none", "status-short", "status-injection", "status-control",
    "status-beyond-latin-1", "status-100", "status-103", "headers-none", "headers-dict", "pair-of-three", "name-bytes",
    "value-bytes", "value-number", "value-none", "name-empty", "name-space", "name-injection", "value-lf", "value-cr",
    "value-nul", "value-escape", "value-surrogate", "value-beyond-latin-1", "length-words", "length-negative",
    "length-twice",
]  # fmt: skip


@pytest.mark.parametrize("what", BAD_HEADS)
def test_a_head_that_is_none_is_a_500_and_logged_once(kinds, same_worker, what):
    target = "/bad-head?" + what
    before = kinds.log.count(target + " (")
    with Connection(kinds.address) as connection:
        response = connection.get(target)
        assert (response.status, response.get("X-Injected"), response.get("Connection")) == (500, None, "close")
        connection.assert_closed()
    kinds.wait_for_log(r"Error handling request /bad-head\?%s \(GET " % what, before + 1)
    assert kinds.log.count(target + " (") == before + 1


def test_an_odd_head_that_is_allowed_arrives(kinds, same_worker):
    response = get(kinds.address, "/odd-head")
    assert (response.status, response.reason) == (299, "Very J\u00fcrgen")
    assert (response.get("X-Tab"), response.get("X-Latin"), response.get("X-Empty")) == ("a\tb", "J\u00fcrgen", "")
    assert (response.get("Content-Length"), response.body) == ("2", b"ok")


def test_exc_info_replaces_status_and_all_headers_until_the_first_byte(kinds, same_worker):
    response = get(kinds.address, "/exc-info-again")
    assert (response.status, response.body) == (502, b"third")
    assert (response.get("X-First"), response.get("X-Second"), response.get("X-Third")) == (None, None, "3")
    assert response.get("Content-Length") is None


@pytest.mark.parametrize("what", ["no-exception", "a-number", "a-class", "a-text", "a-list", "too-short", "no-tuple"])
def test_exc_info_without_an_exception_behind_the_head_is_a_type_error(kinds, same_worker, what):
    assert get(kinds.address, "/odd-exc-info-after-output?" + what).body == b"begun,TypeError"


@pytest.mark.parametrize("what", ["no-traceback", "another-type"])
def test_the_exception_of_exc_info_counts_behind_the_head(kinds, same_worker, what):
    assert get(kinds.address, "/odd-exc-info-after-output?" + what).body == b"begun,ValueError"


def test_a_refused_head_may_be_followed_by_a_good_one(kinds, same_worker):
    response = get(kinds.address, "/start-response-after-an-error-of-its-own")
    assert (response.status, response.body) == (400, b"better")


# what is no body


@pytest.mark.parametrize("target", ["/bytearray-piece", "/text-as-body", "/bytes-as-body", "/write-text", "/text-body"])
def test_a_body_of_something_else_than_bytes_is_a_500_that_names_its_type(kinds, same_worker, target):
    named = {"/bytearray-piece": "bytearray", "/bytes-as-body": "int"}.get(target, "str")
    logged = len(kinds.log)
    assert get(kinds.address, target).status == 500
    wait_until(lambda: "not %s" % named in kinds.log[logged:], lambda: "the type in " + kinds.log[logged:])
    assert kinds.log[logged:].count("Error handling request") == 1


def test_a_second_piece_that_is_no_bytes_cuts_the_response(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/mixed-pieces"))
        assert connection.read_head().status == 200
        assert b"text" not in connection.read_to_end()


# lengths


def test_a_body_longer_than_declared_is_cut_and_logged(kinds, same_worker):
    with Connection(kinds.address) as connection:
        assert connection.get("/longer-than-declared?logged").body == b"lon"
        assert connection.get("/declared-length").body == b"12345"
    kinds.wait_for_log(r"GET /longer-than-declared\?logged HTTP/1.1 is longer than its Content-Length")


def test_a_body_shorter_than_declared_is_logged(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/shorter-than-declared?logged"))
        connection.read_to_end()
    kinds.wait_for_log(r"GET /shorter-than-declared\?logged HTTP/1.1 is shorter than its Content-Length")


def test_a_file_shorter_than_declared_closes_and_is_logged(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/file-shorter-than-declared"))
        assert connection.read_head().get("Content-Length") == "100"
        assert connection.read_to_end() == b"short"
    kinds.wait_for_log("GET /file-shorter-than-declared HTTP/1.1 is shorter than its Content-Length")


def test_an_endless_body_with_a_length_ends_there(kinds, same_worker):
    with Connection(kinds.address) as connection:
        assert len(connection.get("/endless-body").body) == 1_000_000
        assert connection.get("/declared-length").body == b"12345"
        assert "endless" in connection.get("/closed").body.decode()


@pytest.mark.parametrize("status", ["204", "304"])
def test_a_status_without_a_body_drops_even_an_endless_one(kinds, same_worker, status):
    with Connection(kinds.address) as connection:
        assert connection.get("/body-where-none-may-be?" + status).status == int(status)
        assert connection.get("/declared-length").body == b"12345"


def test_head_drops_even_an_endless_body_and_keeps_its_length(kinds, same_worker):
    with Connection(kinds.address) as connection:
        assert connection.get("/endless-body", method="HEAD").get("Content-Length") == "1000000"
        assert connection.get("/declared-length").body == b"12345"


# close()


def closed(kinds, name):
    return get(kinds.address, "/closed").body.decode().split(",").count(name)


@pytest.mark.parametrize("method, version", [("GET", "HTTP/1.1"), ("HEAD", "HTTP/1.1"), ("GET", "HTTP/1.0")])
def test_close_is_called_exactly_once(kinds, same_worker, method, version):
    before = closed(kinds, "once")
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/closes-once", method=method, version=version))
        connection.read_response(method)
    wait_until(lambda: closed(kinds, "once") > before, "close()")
    assert closed(kinds, "once") == before + 1


@pytest.mark.parametrize("name, target", [("raising", "/raises-in-iteration?os-error"), ("not started", "/unclosed-when-not-started")])
def test_close_is_called_exactly_once_when_the_response_fails(kinds, same_worker, name, target):
    before = closed(kinds, name)
    with Connection(kinds.address) as connection:
        connection.send(request_bytes(target))
        connection.read_to_end()
    wait_until(lambda: closed(kinds, name) > before, "close()")
    assert closed(kinds, name) == before + 1


def test_a_close_that_raises_is_logged_and_harms_nobody(kinds, same_worker):
    with Connection(kinds.address) as connection:
        assert connection.get("/close-raises").body == b"all of it"
        assert connection.get("/declared-length").body == b"12345"
    kinds.wait_for_log(r"close\(\) failed")


# exceptions


RAISED = {
    "keyboard-interrupt": "KeyboardInterrupt: by hand",
    "generator-exit": "GeneratorExit: odd",
    "base-exception": "BaseException: the root of all",
    "unprintable": "Unprintable: <exception str() failed>",
    "surrogate": "surrogate \u2603",
    "recursion": "RecursionError: too deep",
    "os-error": "Broken pipe",
}


@pytest.mark.parametrize("what", list(RAISED) + ["stop-iteration", "deep"])
def test_whatever_an_application_raises_is_a_500_and_logged_once_with_its_traceback(kinds, same_worker, what):
    logged = len(kinds.log)
    with Connection(kinds.address) as connection:
        response = connection.get("/raises?" + what)
        assert (response.status, response.get("Connection"), response.get("Server")) == (500, "close", "gunicorn")
        assert response.get("Date").endswith(" GMT")
        connection.assert_closed()
    said = {"stop-iteration": "StopIteration", "deep": "surrogate"}.get(what) or RAISED[what]
    wait_until(lambda: said in kinds.log[logged:], lambda: "%r in %r" % (said, kinds.log[logged:]))
    assert kinds.log[logged:].count("Error handling request /raises?%s (GET /raises?%s HTTP/1.1)" % (what, what)) == 1
    assert "Traceback (most recent call last)" in kinds.log[logged:]
    wait_until(lambda: '"GET /raises?%s HTTP/1.1" 500 ' % what in kinds.stdout, "a line in the access log")


@pytest.mark.parametrize("what", list(RAISED))
def test_whatever_an_iteration_raises_cuts_the_response_and_is_logged_once(kinds, same_worker, what):
    logged = len(kinds.log)
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/raises-in-iteration?" + what))
        assert connection.read_head().get("Transfer-Encoding") == "chunked"
        assert not connection.read_to_end().endswith(b"0\r\n\r\n")
    wait_until(lambda: RAISED[what] in kinds.log[logged:], lambda: "%r in %r" % (RAISED[what], kinds.log[logged:]))
    assert kinds.log[logged:].count("Error handling request /raises-in-iteration?%s (GET " % what) == 1


# files


def test_a_real_file_is_sent_by_the_kernel_and_closed(kinds, same_worker):
    reads, closes = map(int, get(kinds.address, "/counts-of-files").body.split())
    assert get(kinds.address, "/counting-file").body == b"0123456789" * 20000
    after = [int(n) for n in get(kinds.address, "/counts-of-files").body.split()]
    assert after == [reads, closes + 1], "never read by Python, closed once"


@pytest.mark.parametrize("kind", list(KINDS))
def test_without_sendfile_a_file_is_read_by_python_and_closed(server, kind):
    other = server(*KINDS[kind], "--no-sendfile", "kinds:app")
    assert get(other.address, "/counting-file").body == b"0123456789" * 20000
    reads, closes = map(int, get(other.address, "/counts-of-files").body.split())
    assert reads > 1 and closes == 1


def test_the_bytes_of_a_file_are_in_the_access_log(kinds, same_worker):
    get(kinds.address, "/file?counted")
    wait_until(lambda: '"GET /file?counted HTTP/1.1" 200 300000 ' in kinds.stdout, "the bytes in the access log")


def test_a_file_that_shrinks_while_it_is_sent_closes_the_connection(kinds, same_worker):
    with Connection(kinds.address, receive_buffer=4096) as slow:
        slow.send(request_bytes("/shrinking-file"))
        assert slow.read_head().get("Content-Length") == "20000000"
        assert len(slow.read_to_end()) < 20_000_000
    kinds.wait_for_log("The file of the response to /shrinking-file cannot be sent")


def test_a_client_that_does_not_read_what_is_written_does_not_hold_the_worker(server, worker_kind, tmp_path):
    (tmp_path / "writer.py").write_text(
        "def app(environ, start_response):\n"
        "    write = start_response('200 OK', [('Content-Type', 'text/plain')])\n"
        "    if environ['PATH_INFO'] == '/much':\n"
        "        for _ in range(9):\n"
        "            write(b'x' * 100_000)\n"
        "    return [b'end']\n"
    )
    running = server(*worker_kind, "--timeout", "2", "writer:app")
    with Connection(running.address, receive_buffer=4096) as slow:
        slow.send(request_bytes("/much"))
        assert slow.read_head().status == 200
        for _ in range(4):
            assert get(running.address).body == b"end"
        body = slow.read_exactly(400_000)
    assert body.count(b"x") > 390_000
    assert running.log.count("Booting worker") == 1


def test_what_is_written_behind_the_end_of_a_response_is_refused(kinds, same_worker):
    with Connection(kinds.address) as connection:
        assert [connection.get("/write-when-closed").body for _ in range(3)] == [b"all"] * 3
        assert connection.get("/declared-length").body == b"12345"
    kinds.wait_for_log("write\\(\\) after the end of the response", 3)
