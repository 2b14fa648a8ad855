"""What goes wrong: in the application, in what clients send, in how slowly they read. The worker lives on."""

import os
import re
import signal

import pytest

from raw_http import Connection, Truncated, get, request_bytes
from server_process import wait_until


@pytest.fixture(scope="module")
def kinds(shared_server, worker_kind):
    return shared_server(*worker_kind, "kinds:app")


@pytest.fixture
def same_worker(kinds):
    """Fails when the worker that served before the test is not the one after it."""
    before = int(get(kinds.address, "/pid").body)
    yield
    assert int(get(kinds.address, "/pid").body) == before, "the worker lived on"


# the application


RAISES = {
    "/boom": "RuntimeError: the application failed <on purpose>",
    "/boom-after-start-response": "RuntimeError: failed after start_response",
    "/start-response-twice": "AssertionError",
    "/stop-iteration": "StopIteration",
}
FORBIDDEN = {"/no-start-response": "AssertionError", "/text-body": "TypeError", "/none-body": "TypeError"}


@pytest.mark.parametrize("target", list(RAISES) + list(FORBIDDEN))
def test_an_exception_before_the_first_byte_is_answered_with_500_and_logged(kinds, same_worker, target):
    logged = len(kinds.log)
    said = RAISES.get(target) or FORBIDDEN[target]
    with Connection(kinds.address) as connection:
        response = connection.get(target)
        assert (response.status, response.get("Connection")) == (500, "close")
        assert b"Internal Server Error" in response.body and b"Traceback" not in response.body
        connection.assert_closed()
    wait_until(lambda: said in kinds.log[logged:], lambda: "%s in %s" % (said, kinds.log[logged:]))
    assert "Error handling request %s" % target in kinds.log[logged:]
    if target in RAISES:
        assert "kinds.py" in kinds.log[logged:], "with the traceback"


def test_an_exception_in_the_middle_of_a_chunked_response_closes_without_the_last_chunk(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/boom-in-the-middle"))
        with pytest.raises(Truncated):
            connection.read_response()


def test_an_exception_in_the_middle_of_a_response_with_a_length_closes_it_short(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/boom-short-of-length"))
        with pytest.raises(Truncated) as caught:
            connection.read_response()
    assert caught.value.received == b"first part"


def test_exc_info_after_the_first_byte_raises_again_and_closes(kinds, same_worker):
    logged = len(kinds.log)
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/exc-info-after-output"))
        with pytest.raises(Truncated):
            connection.read_response()
    wait_until(lambda: "too late for another status" in kinds.log[logged:], "the exception in the log")


def test_a_response_shorter_than_declared_closes_the_connection(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/shorter-than-declared"))
        with pytest.raises(Truncated) as caught:
            connection.read_response()
    assert caught.value.received == b"short"


@pytest.mark.parametrize("target", ["/bad-header-value", "/bad-status"])
def test_a_head_that_would_break_http_is_never_sent(kinds, same_worker, target):
    response = get(kinds.address, target)
    assert response.status == 500
    assert response.get("Set-Cookie") is None


def test_close_is_called_when_the_iterable_fails(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/closing-after-failure"))
        with pytest.raises(Truncated):
            connection.read_response()
    wait_until(lambda: b"failed" in get(kinds.address, "/closed").body.split(b","), "close()")


def test_close_is_called_when_the_client_leaves(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/closing-when-the-client-leaves"))
        connection.read_head()
    wait_until(lambda: b"left" in get(kinds.address, "/closed").body.split(b","), "close()")


def test_in_debug_mode_the_page_shows_the_traceback_escaped(server, worker_kind):
    running = server(*worker_kind, "--debug", "kinds:app")
    page = get(running.address, "/boom")
    assert page.status == 500
    assert b"Traceback" in page.body and b"kinds.py" in page.body
    assert b"&lt;on purpose&gt;" in page.body and b"<on purpose>" not in page.body


def test_system_exit_in_the_application_ends_the_worker_which_is_replaced(server, worker_kind):
    running = server(*worker_kind, "kinds:app")
    first = int(get(running.address, "/pid").body)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/system-exit-zero"))
        connection.read_to_end()
    running.wait_for_log(r"Booting worker with pid", 2)
    assert int(get(running.address, "/pid").body) != first
    assert running.stop() == 0


# what clients send


OK = b"GET /declared-length HTTP/1.1\r\nHost: x\r\n\r\n"
MALFORMED = {
    "a line of garbage": (b"garbage\r\n\r\n", 400),
    "binary": (b"\x00\x01\x02\x03\r\n\r\n", 400),
    "a TLS handshake": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "a method in lower case": (b"get / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a method that is no token": (b"GE(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "no version": (b"GET /\r\n\r\n", 400),
    "a version that is none": (b"GET / HTTP/x.1\r\nHost: x\r\n\r\n", 400),
    "HTTP/2.0 as text": (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    "two spaces in the request line": (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a target without a slash": (b"GET path HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "an asterisk for GET": (b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a header without a colon": (b"GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", 400),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    "a folded header": (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n 2\r\n\r\n", 400),
    "a header name that is no token": (b"GET / HTTP/1.1\r\nHost: x\r\nX A: 1\r\n\r\n", 400),
    "a NUL in a header": (b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", 400),
    "a bare CR in a header": (b"GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n", 400),
    "a bare LF as line end": (b"GET / HTTP/1.1\nHost: x\n\n", 400),
    "two Hosts": (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    "a length that is no number": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\nab", 400),
    "a negative length": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    "a length with a plus": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "a list of lengths": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\nab", 400),
    "a length and chunks": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "chunks in HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunked twice": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    "an unknown coding": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: zip\r\n\r\n0\r\n\r\n", 501),
    "a chunk size that is no number": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
        400,
    ),
    "a chunk that is too long": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
        400,
    ),
    "a chunk size beyond 64 bits": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        400,
    ),
    "another expectation": (b"POST / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nContent-Length: 1\r\n\r\na", 417),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_request_is_refused_and_closed(kinds, same_worker, what):
    data, status = MALFORMED[what]
    with Connection(kinds.address) as connection:
        connection.send(data + OK)  # what follows must not be answered
        response = connection.read_response()
        assert response.status == status
        assert response.get("Connection") == "close"
        assert response.get("Content-Type").startswith("text/html")
        connection.assert_closed()


def test_a_malformed_request_behind_a_good_one_is_refused_after_its_answer(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(OK + b"garbage\r\n\r\n")
        assert connection.read_response().body == b"12345"
        if not connection.is_over:
            assert connection.read_response().status == 400
        connection.assert_closed()


def test_a_malformed_request_is_logged_without_its_bytes(kinds, same_worker):
    logged = len(kinds.log)
    with Connection(kinds.address) as connection:
        connection.send(b"GET / HTTP/1.1\r\nX-\x1b[31mred: 1\r\n\r\n")
        assert connection.read_response().status == 400
    wait_until(lambda: "Invalid request from ip=127.0.0.1" in kinds.log[logged:], "a line in the log")
    assert "\x1b" not in kinds.log[logged:]


def test_the_page_of_an_error_does_not_echo_the_request(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(b"GET /<script>alert(1)</script> HTTP/9.9\r\n\r\n")
        assert b"<script>" not in connection.read_response().body


@pytest.mark.parametrize("cut", [5, 20, 40])
def test_a_client_that_leaves_in_the_middle_of_a_request_is_forgotten(kinds, same_worker, cut):
    for _ in range(5):
        with Connection(kinds.address) as connection:
            connection.send(request_bytes("/unread-body", [("Content-Length", "100")], "POST")[:cut])
    assert get(kinds.address, "/declared-length").body == b"12345"


def test_a_client_that_leaves_in_the_middle_of_its_body_does_not_reach_the_application(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(request_bytes("/boom", [("Content-Length", "100")], "POST") + b"ten bytes.")
    logged = len(kinds.log)
    assert get(kinds.address, "/declared-length").body == b"12345"
    assert "boom" not in kinds.log[logged:]


# limits


def line_of(size):
    """A request line of exactly this many bytes."""
    return b"GET /" + b"a" * (size - len("GET / HTTP/1.1")) + b" HTTP/1.1\r\nHost: x\r\n\r\n"


def status_of(address, data):
    with Connection(address) as connection:
        connection.send(data)
        return connection.read_response().status


def test_a_request_line_over_the_limit_is_answered_with_414(kinds, same_worker):
    assert status_of(kinds.address, line_of(4094)) == 404
    assert status_of(kinds.address, line_of(4095)) == 414


def test_limit_request_line_is_what_the_setting_says(shared_server, worker_kind):
    address = shared_server(*worker_kind, "--limit-request-line", "100", "kinds:app").address
    assert status_of(address, line_of(100)) == 404
    assert status_of(address, line_of(101)) == 414


def test_limit_request_line_0_is_no_limit(shared_server, worker_kind):
    address = shared_server(*worker_kind, "--limit-request-line", "0", "kinds:app").address
    assert status_of(address, line_of(60_000)) == 404


def with_fields(count):
    return b"GET /declared-length HTTP/1.1\r\nHost: x\r\n" + b"X-F: 1\r\n" * (count - 1) + b"\r\n"


def test_too_many_fields_are_answered_with_431(kinds, same_worker):
    assert status_of(kinds.address, with_fields(100)) == 200
    assert status_of(kinds.address, with_fields(101)) == 431


def test_limit_request_fields_is_what_the_setting_says(shared_server, worker_kind):
    address = shared_server(*worker_kind, "--limit-request-fields", "5", "kinds:app").address
    assert (status_of(address, with_fields(5)), status_of(address, with_fields(6))) == (200, 431)


def with_field_of(size):
    return b"GET /declared-length HTTP/1.1\r\nHost: x\r\nX-F: " + b"v" * (size - len("X-F: \r\n")) + b"\r\n\r\n"


def test_a_field_that_is_too_large_is_answered_with_431(kinds, same_worker):
    assert status_of(kinds.address, with_field_of(8190)) == 200
    assert status_of(kinds.address, with_field_of(8191)) == 431


def test_limit_request_field_size_is_what_the_setting_says(shared_server, worker_kind):
    address = shared_server(*worker_kind, "--limit-request-field_size", "64", "kinds:app").address
    assert (status_of(address, with_field_of(64)), status_of(address, with_field_of(65))) == (200, 431)


def test_a_head_that_never_ends_is_refused_before_it_is_over(kinds, same_worker):
    with Connection(kinds.address) as connection:
        connection.send(b"GET / HTTP/1.1\r\nX-Endless: " + b"x" * 20_000)
        assert connection.read_response().status == 431


# slow readers


def test_a_slow_reader_of_a_large_response_does_not_keep_a_worker_from_answering_others(kinds, same_worker, worker_kind):
    size = 20_000_000
    with Connection(kinds.address, receive_buffer=4096) as slow:
        slow.send(request_bytes("/big?%d" % size))
        assert slow.read_head().status == 200
        for _ in range(20):
            assert get(kinds.address, "/declared-length").body == b"12345"
        assert len(slow.read_exactly(size)) == size


def test_a_slow_reader_of_a_large_file_does_not_keep_a_worker_from_answering_others(server, worker_kind, tmp_path):
    (tmp_path / "large_file.py").write_text(
        "import kinds\n"
        "def app(environ, start_response):\n"
        "    if environ['PATH_INFO'] != '/file':\n"
        "        return kinds.app(environ, start_response)\n"
        "    start_response('200 OK', [])\n"
        "    return environ['wsgi.file_wrapper'](open('large', 'rb'))\n"
    )
    size = 20_000_000
    with open(tmp_path / "large", "wb") as file:
        file.truncate(size)
    running = server(*worker_kind, "large_file:app")
    with Connection(running.address, receive_buffer=4096) as slow:
        slow.send(request_bytes("/file"))
        assert slow.read_head().get("Content-Length") == str(size)
        for _ in range(20):
            assert get(running.address, "/declared-length").body == b"12345"
        assert len(slow.read_exactly(size)) == size


def test_many_slow_readers_do_not_fill_the_memory_of_a_worker(server):
    running = server("kinds:app")
    get(running.address, "/pid")
    (worker,) = running.wait_for_workers(1)

    def resident():
        with open("/proc/%d/status" % worker) as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1])

    before = resident()
    readers = [Connection(running.address, receive_buffer=4096) for _ in range(40)]
    for reader in readers:
        reader.send(request_bytes("/big?20000000"))
    for reader in readers:
        assert reader.read_head().status == 200
    assert get(running.address, "/declared-length").body == b"12345"
    assert resident() - before < 200_000, "40 readers of 20 MB are not held in memory"
    for reader in readers:
        reader.close()


def test_a_slow_reader_does_not_turn_keep_alive_off_for_others(server):
    running = server("--keep-alive", "1", "kinds:app")
    size = 8_000_000
    with Connection(running.address, receive_buffer=4096) as slow, Connection(running.address) as clock:
        slow.send(request_bytes("/big-in-one-piece?%d" % size))
        slow.read_head()
        clock.get("/declared-length")
        clock.assert_closed()  # a second is over
        slow.read_exactly(size)
    with Connection(running.address) as connection:
        kept = [connection.get("/declared-length").keeps_alive for _ in range(20)]
    assert any(kept), "the application itself is quick"


def test_slow_calls_turn_keep_alive_off_in_a_sync_worker(server, tmp_path):
    (tmp_path / "slow.py").write_text(
        "import time\n"
        "def app(environ, start_response):\n"
        "    time.sleep(0.15)\n"
        "    start_response('200 OK', [('Content-Length', '2')])\n"
        "    return [b'ok']\n"
    )
    running = server("slow:app")

    def closes():
        with Connection(running.address) as connection:
            return connection.get().get("Connection") == "close"

    wait_until(closes, "Connection: close")


def test_a_signal_during_a_slow_read_does_not_break_the_response(kinds, same_worker):
    (worker,) = kinds.wait_for_workers(1)
    with Connection(kinds.address, receive_buffer=4096) as slow:
        slow.send(request_bytes("/big?5000000"))
        slow.read_head()
        os.kill(worker, signal.SIGWINCH)
        os.kill(worker, signal.SIGUSR1)
        assert len(slow.read_exactly(5_000_000)) == 5_000_000
