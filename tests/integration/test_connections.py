"""Connections and listening sockets: keep-alive, pipelining, versions of HTTP, every kind of address."""

import os
import socket
import stat

import pytest

from raw_http import Connection, get, only_plain, pipeline, request_bytes
from server_process import DEADLINE, wait_until


@pytest.fixture(scope="module")
def kinds(shared_server, worker_kind):
    return shared_server(*worker_kind, "--keep-alive", "30", "kinds:app").address


# keep-alive


def test_a_connection_serves_many_requests(kinds, worker_kind):
    with Connection(kinds) as connection:
        responses = [connection.get("/declared-length") for _ in range(50)]
    assert {response.body for response in responses} == {b"12345"}
    kept = [response.keeps_alive for response in responses]
    assert all(kept) if "gthread" in worker_kind else any(kept)


def test_connection_close_is_honoured(kinds):
    with Connection(kinds) as connection:
        response = connection.get("/declared-length", [("Connection", "close")])
        assert response.get("Connection") == "close"
        connection.assert_closed()


@pytest.mark.parametrize("said", ["Close", "foo, close", "close, foo"])
def test_connection_close_is_found_in_a_list_and_in_any_case(kinds, said):
    with Connection(kinds) as connection:
        connection.get("/declared-length", [("Connection", said)])
        connection.assert_closed()


def test_http_1_0_is_closed_by_default(kinds):
    with Connection(kinds) as connection:
        connection.send(request_bytes("/declared-length", version="HTTP/1.0"))
        assert connection.read_response().body == b"12345"
        connection.assert_closed()


def test_http_1_0_is_kept_alive_when_it_asks_for_it(kinds, worker_kind):
    with Connection(kinds) as connection:
        for _ in range(3):
            connection.send(request_bytes("/declared-length", [("Connection", "keep-alive")], version="HTTP/1.0"))
            response = connection.read_response()
            assert response.body == b"12345"
            if "sync" in worker_kind and not response.keeps_alive:
                break  # its calls are slow just now
            assert response.get("Connection").lower() == "keep-alive"


def test_http_1_0_without_host_is_served(kinds):
    with Connection(kinds) as connection:
        connection.send(b"GET /declared-length HTTP/1.0\r\n\r\n")
        assert connection.read_response().body == b"12345"


def test_an_idle_connection_is_closed_after_keepalive(server, worker_kind):
    running = server(*worker_kind, "--keep-alive", "1", "hello:app")
    with Connection(running.address) as connection:
        assert connection.get().body == b"hello\n"
        connection.assert_closed()  # within the deadline of the socket


def test_keepalive_0_closes_after_each_response(server, worker_kind):
    running = server(*worker_kind, "--keep-alive", "0", "hello:app")
    with Connection(running.address) as connection:
        assert connection.get().get("Connection") == "close"
        connection.assert_closed()


def test_a_request_in_pieces_on_a_kept_connection_is_not_cut_off_by_keepalive(server, worker_kind):
    running = server(*worker_kind, "--keep-alive", "1", "kinds:app")
    with Connection(running.address) as connection, Connection(running.address) as other:
        wait_until(lambda: connection.get("/declared-length").keeps_alive, "a connection that is kept alive")
        data = request_bytes("/declared-length")
        connection.send(data[:10])
        other.get("/declared-length")
        other.assert_closed()  # what idles is closed: the time of keepalive is over
        connection.send(data[10:])
        assert connection.read_response().body == b"12345"


def test_a_client_that_sends_nothing_does_not_keep_others_waiting(kinds):
    silent = [Connection(kinds) for _ in range(20)]
    begun = [Connection(kinds) for _ in range(20)]
    for connection in begun:
        connection.send(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Len")
    assert get(kinds, "/declared-length").body == b"12345"
    for connection in silent + begun:
        connection.close()


def test_clients_that_send_their_bodies_slowly_do_not_keep_others_waiting(kinds):
    slow = [Connection(kinds) for _ in range(20)]
    for connection in slow:
        connection.send(request_bytes("/unread-body", [("Content-Length", "10")], "POST") + b"12345")
    assert get(kinds, "/declared-length").body == b"12345"
    for connection in slow:
        connection.send(b"67890")
    for connection in slow:
        assert connection.read_response().body == b"did not look"
        connection.close()


@only_plain
def test_worker_connections_is_how_many_a_worker_takes_at_once(server, worker_kind):
    running = server(*worker_kind, "--worker-connections", "3", "hello:app")
    silent = [Connection(running.address) for _ in range(3)]
    for connection in silent:
        connection.send(b"GET / HT")  # the worker has it once it is read
    waiting = Connection(running.address)
    waiting.send(request_bytes("/"))
    silent[0].close()
    assert waiting.read_response().body == b"hello\n", "one has left, so there is room"
    for connection in silent + [waiting]:
        connection.close()


def test_empty_lines_before_a_request_are_skipped(kinds):
    with Connection(kinds) as connection:
        connection.send(b"\r\n" + request_bytes("/declared-length"))
        assert connection.read_response().body == b"12345"


def test_a_client_that_closes_its_sending_side_gets_its_answer(kinds):
    with Connection(kinds) as connection:
        connection.send(request_bytes("/generator"))
        connection.sock.shutdown(socket.SHUT_WR)
        assert connection.read_response().body == b"piece0;piece1;piece2;piece3;piece4;"
        connection.assert_closed()


# pipelining


PIPELINE = [
    (request_bytes("/declared-length"), b"12345"),
    (request_bytes("/unread-body", [], "POST", b"body of the second"), b"did not look"),
    (request_bytes("/generator"), b"piece0;piece1;piece2;piece3;piece4;"),
    (request_bytes("/write-calls"), b"first,second,third"),
    (request_bytes("/file-without-descriptor"), b"in memory " * 1000),
    (request_bytes("/rest-of-file"), b"0123456789"),
    (request_bytes("/empty-list"), b""),
    (request_bytes("/big?300000"), b"b" * 300_000),
    (request_bytes("/declared-length"), b"12345"),
]


def test_pipelined_requests_sent_at_once_are_answered_in_order(kinds, worker_kind):
    responses, connections = pipeline(kinds, [request for request, _ in PIPELINE])
    assert [response.body for response in responses] == [body for _, body in PIPELINE]
    assert connections == 1 or "gthread" not in worker_kind


def test_pipelined_requests_cut_anywhere_are_answered_in_order(kinds):
    requests = [request for request, _ in PIPELINE[:4]]
    for cut in range(1, len(b"".join(requests)), 7):
        responses, _ = pipeline(kinds, requests, cut)
        assert [response.body for response in responses] == [body for _, body in PIPELINE[:4]]


def test_many_pipelined_requests_are_answered(kinds):
    responses, _ = pipeline(kinds, [request_bytes("/declared-length")] * 300)
    assert {response.body for response in responses} == {b"12345"}


def test_what_is_pipelined_behind_connection_close_is_not_answered(kinds):
    with Connection(kinds) as connection:
        connection.send(request_bytes("/declared-length", [("Connection", "close")]) + request_bytes("/pid"))
        assert connection.read_response().body == b"12345"
        connection.assert_closed()


# Expect


def test_expect_100_continue_is_answered_before_the_body_is_sent(kinds):
    with Connection(kinds) as connection:
        connection.send(request_bytes("/unread-body", [("Expect", "100-continue"), ("Content-Length", "4")], "POST"))
        assert connection.read_head().status == 100
        connection.send(b"body")
        assert connection.read_response().status == 200
        assert connection.get("/declared-length").body == b"12345"


def test_expect_100_continue_with_a_chunked_body(kinds):
    head = [("Expect", "100-continue"), ("Transfer-Encoding", "chunked")]
    with Connection(kinds) as connection:
        connection.send(request_bytes("/unread-body", head, "POST"))
        assert connection.read_head().status == 100
        connection.send(b"4\r\nbody\r\n0\r\n\r\n")
        assert connection.read_response().status == 200


def test_expect_100_continue_of_http_1_0_is_ignored(kinds):
    head = [("Expect", "100-continue"), ("Content-Length", "4")]
    with Connection(kinds) as connection:
        connection.send(request_bytes("/unread-body", head, "POST", version="HTTP/1.0") + b"body")
        assert connection.read_response().status == 200


def test_a_body_that_came_with_its_head_needs_no_100_continue(kinds):
    with Connection(kinds) as connection:
        connection.send(request_bytes("/unread-body", [("Expect", "100-continue")], "POST", b"body"))
        response = connection.read_head()
        if response.status == 100:  # allowed, but then the answer follows
            response = connection.read_head()
        assert response.status == 200


# addresses


def test_a_unix_socket_serves_and_is_removed_at_the_end(server, worker_kind, tmp_path):
    path = tmp_path / "s.sock"
    running = server(*worker_kind, "hello:app", bind="unix:%s" % path)
    assert running.address == str(path)
    assert get(str(path)).body == b"hello\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o777, "umask 0 is the default"
    assert running.stop() == 0
    assert not path.exists()


def test_umask_decides_the_mode_of_a_unix_socket(server, tmp_path):
    path = tmp_path / "s.sock"
    server("--umask", "0117", "hello:app", bind="unix:%s" % path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660


def test_a_unix_socket_left_by_a_dead_server_is_replaced(server, tmp_path):
    path = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server("hello:app", bind="unix:%s" % path)
    assert get(str(path)).body == b"hello\n"


def test_a_unix_socket_of_a_running_server_is_not_taken_away(server, tmp_path):
    path = tmp_path / "s.sock"
    first = server("kinds:app", bind="unix:%s" % path)
    pid = get(str(path), "/pid").body
    second = server.launch("kinds:app", bind="unix:%s" % path)
    assert second.wait() == 1
    assert str(path) in second.stderr
    assert get(str(path), "/pid").body == pid
    assert first.stop() == 0


def test_a_file_that_is_no_socket_is_not_replaced(server, tmp_path):
    path = tmp_path / "precious"
    path.write_text("data")
    running = server.launch("hello:app", bind="unix:%s" % path)
    assert running.wait() == 1
    assert path.read_text() == "data"
    assert str(path) in running.stderr and "Traceback" not in running.stderr


def test_ipv6_serves(server, worker_kind):
    running = server(*worker_kind, "hello:app", bind="[::1]:0")
    running.wait_for_log(r"Listening at: https?://\[::1\]:\d")
    assert running.address[0] == "::1"
    assert get(running.address).body == b"hello\n"


def test_several_binds_serve_at_once(server, worker_kind, tmp_path):
    path = tmp_path / "s.sock"
    running = server(*worker_kind, "--bind", "127.0.0.1:0", "-b", "[::1]:0", "-b", "unix:%s" % path, "hello:app", bind=None)
    assert len(running.addresses) == 3
    for address in running.addresses:
        assert get(address).body == b"hello\n"


def test_binds_of_the_command_line_replace_those_of_the_file(server, tmp_path):
    config = tmp_path / "c.py"
    config.write_text("bind = ['127.0.0.1:1', 'unix:%s']\n" % (tmp_path / "unused.sock"))
    running = server("-c", config, "hello:app")
    assert len(running.addresses) == 1
    assert get(running.address).body == b"hello\n"


def test_an_inherited_socket_serves(server, worker_kind):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        address = listener.getsockname()
        running = server(*worker_kind, "hello:app", bind="fd://%d" % listener.fileno(), pass_fds=[listener.fileno()])
    assert running.address == address
    assert get(address).body == b"hello\n"
    assert running.stop() == 0


def test_an_inherited_unix_socket_is_not_removed_at_the_end(server, tmp_path):
    path = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(16)
        running = server("hello:app", bind="fd://%d" % listener.fileno(), pass_fds=[listener.fileno()])
        assert get(str(path)).body == b"hello\n"
        assert running.stop() == 0
    assert path.exists(), "it belongs to who made it"


def test_a_descriptor_that_is_no_socket_is_refused(server, tmp_path):
    with open(tmp_path / "file", "w") as file:
        running = server.launch("hello:app", bind="fd://%d" % file.fileno(), pass_fds=[file.fileno()])
        assert running.wait() == 1
        assert str(file.fileno()) in running.stderr and "Traceback" not in running.stderr


def test_a_closed_descriptor_is_refused(server):
    running = server.launch("hello:app", bind="fd://77")
    assert running.wait() == 1
    assert "77" in running.stderr


def test_two_workers_both_serve(server, worker_kind):
    running = server(*worker_kind, "--workers", "2", "kinds:app")
    workers = running.wait_for_workers(2)
    seen = set()

    def both():
        # Two connections at once: while one worker serves the first, the other may take the second.
        with Connection(running.address) as first, Connection(running.address) as second:
            first.send(request_bytes("/pid"))
            second.send(request_bytes("/pid"))
            seen.update((int(first.read_response().body), int(second.read_response().body)))
        return len(seen) == 2

    wait_until(both, "an answer of each worker", DEADLINE)
    assert sorted(seen) == workers


def test_the_port_comes_from_the_environment(server):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = server("hello:app", bind=None, env={"PORT": str(port)})
    assert running.address == ("0.0.0.0", port)
    assert get(("127.0.0.1", port)).body == b"hello\n"


def test_sockets_of_the_server_are_not_inherited_by_programs_it_starts(server, tmp_path):
    (tmp_path / "spawns.py").write_text(
        "import os, subprocess\n"
        "def app(environ, start_response):\n"
        "    listed = subprocess.run(['ls', '-l', '/proc/self/fd'], capture_output=True, close_fds=False).stdout\n"
        "    start_response('200 OK', [])\n"
        "    return [listed]\n"
    )
    running = server("spawns:app")
    assert b"socket:" not in get(running.address).body


def test_many_connections_at_once_are_served(kinds):
    connections = [Connection(kinds) for _ in range(200)]
    for connection in connections:
        connection.send(request_bytes("/declared-length"))
    for connection in connections:
        assert connection.read_response().body == b"12345"
        connection.close()


def test_os_descriptors_do_not_leak(server, worker_kind):
    running = server(*worker_kind, "kinds:app")
    (worker,) = running.wait_for_workers(1)

    def count():
        return len(os.listdir("/proc/%d/fd" % worker))

    get(running.address, "/file")
    before = count()
    for _ in range(100):
        get(running.address, "/rest-of-file")
    wait_until(lambda: count() <= before, lambda: "%d descriptors, not the %d of now" % (before, count()))
