"""request_timeout: what the client, the log and the worker see of a request that takes too long."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from raw_http import Connection, Truncated, get, request_bytes
from server_process import wait_until

THREADS = ["--threads", "2", "--request-timeout", "1", "--access-logfile", "-"]


@pytest.fixture
def threaded(server, gate):
    return server(*THREADS, "gate:app", env=gate.env)


def test_the_client_of_a_late_request_gets_504_and_the_log_the_stack(threaded, gate):
    with Connection(threaded.address) as late:
        late.send(request_bytes("/wait/one?token=%0a"))
        worker = gate.wait_for()
        assert int(get(threaded.address, "/").body) == worker
        response = late.read_response()
        assert (response.status, response.keeps_alive) == (504, False)
        late.assert_closed()
    said = r"REQUEST TIMEOUT \(pid:%d\): after 1 s: GET /wait/one\?token=%%0a HTTP/1.1; its thread goes on .*\n" % worker
    threaded.wait_for_log(said + r"(?s:.*)in wait_at_gate")
    assert int(get(threaded.address, "/").body) == worker, "the other thread serves"
    gate.open()
    wait_until(lambda: '"GET /wait/one?token=%0a HTTP/1.1" 504 ' in threaded.stdout, "the access log has it")


def test_a_late_thread_is_used_again_when_it_is_done(threaded, gate):
    with Connection(threaded.address) as late:
        late.send(request_bytes("/wait/one"))
        worker = gate.wait_for()
        assert late.read_response().status == 504
    gate.open()
    with Connection(threaded.address) as first, Connection(threaded.address) as second:
        first.send(request_bytes("/wait/two"))
        assert gate.wait_for("two") == worker
        second.send(request_bytes("/wait/three"))
        assert gate.wait_for("three") == worker, "both threads are busy"
        gate.open("two")
        gate.open("three")
        assert (first.read_response().status, second.read_response().status) == (200, 200)
    assert threaded.stdout.count("/wait/one") == 1, "what a late thread answers is dropped"


def test_a_response_that_has_begun_is_cut(threaded, gate):
    with Connection(threaded.address) as late:
        late.send(request_bytes("/begin/one"))
        gate.wait_for()
        with pytest.raises((Truncated, ConnectionResetError)):
            late.read_response()
    threaded.wait_for_log("REQUEST TIMEOUT")
    gate.open()


def test_a_worker_whose_threads_are_all_late_is_replaced(threaded, gate):
    with Connection(threaded.address) as first, Connection(threaded.address) as second:
        first.send(request_bytes("/wait/one"))
        worker = gate.wait_for()
        second.send(request_bytes("/wait/two"))
        gate.wait_for("two")
        assert (first.read_response().status, second.read_response().status) == (504, 504)
    threaded.wait_for_log("All threads are late")
    threaded.wait_for_log("(?s:in wait_at_gate.*in wait_at_gate)")
    assert int(get(threaded.address, "/").body) != worker
    assert "WORKER TIMEOUT" not in threaded.log and "SIGKILL" not in threaded.log


def test_a_request_for_which_no_thread_was_free_in_time_gets_504(server, gate):
    running = server("-k", "gthread", "--threads", "1", "--request-timeout", "1", "gate:app", env=gate.env)
    with Connection(running.address) as late, Connection(running.address) as waiting:
        late.send(request_bytes("/wait/one"))
        gate.wait_for()
        waiting.send(request_bytes("/wait/never"))
        assert (late.read_response().status, waiting.read_response().status) == (504, 504)
    assert not (gate.folder / "never.began").exists()
    running.wait_for_log("REQUEST TIMEOUT .* GET /wait/never HTTP/1.1; no thread runs it")


def test_waiting_for_a_slow_client_does_not_count(server, gate):
    # Longer than this machine takes for 16 MiB when others keep it busy: the time of the application counts.
    threaded = server("--threads", "4", "--request-timeout", "2", "gate:app", env=gate.env)
    # All threads are there: one that began a large response gets no other request while another one is idle.
    for name in ("a", "b", "c", "d"):
        gate.open(name)
    with ThreadPoolExecutor(4) as clients:
        for response in clients.map(lambda name: get(threaded.address, "/wait/" + name), ("a", "b", "c", "d")):
            assert response.status == 200
    with Connection(threaded.address, receive_buffer=4096) as slow, Connection(threaded.address) as late:
        slow.send(request_bytes("/large"))
        head = slow.read_head()
        late.send(request_bytes("/wait/one"))
        assert late.read_response().status == 504, "so much time has passed by now"
        assert len(slow.read_body(head).body) == 16 << 20
    gate.open()


def test_a_sync_worker_is_replaced_and_its_stack_logged(server, gate):
    running = server("--request-timeout", "1", "gate:app", env=gate.env)
    with Connection(running.address) as late:
        late.send(request_bytes("/wait/one"))
        stuck = gate.wait_for()
        assert late.read_response().status == 504
        late.assert_closed()
    running.wait_for_log(r"WORKER TIMEOUT \(pid:%d\)" % stuck)
    running.wait_for_log(r"was handling: GET /wait/one")
    running.wait_for_log(r"in wait_at_gate")
    assert int(get(running.address, "/").body) != stuck
    assert running.log.count("WORKER TIMEOUT") == 1


def test_a_worker_with_a_late_request_behind_it_stops_in_order(server, gate):
    running = server(*THREADS, "--graceful-timeout", "5", "gate:app", env=gate.env)
    with Connection(running.address) as late:
        late.send(request_bytes("/wait/one"))
        gate.wait_for()
        assert late.read_response().status == 504
    gate.open()
    running.wait_for_log("REQUEST TIMEOUT")
    for _ in range(3):
        Connection(running.address).close()  # without a request
        assert get(running.address, "/").status == 200
    assert running.stop() == 0
    assert "SIGKILL" not in running.log


def test_an_answer_that_goes_on_for_ever_is_cut(server, gate, worker_kind):
    running = server(*worker_kind, "--request-timeout", "1", "gate:app", env=gate.env)
    with Connection(running.address) as client:
        client.send(request_bytes("/slow-endless"))
        client.read_head()
        received = 0
        with pytest.raises((ConnectionResetError, AssertionError)):
            while received < 50 * (8 << 20):
                data = client.sock.recv(1 << 20)
                received += len(data)
                assert data
        assert received < 50 * (8 << 20)
    assert get(running.address, "/").status == 200
