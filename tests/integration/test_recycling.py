"""max_requests under load: every request is answered once, in order, whatever is on its way when a worker leaves."""

import threading

import pytest

from raw_http import Connection, get, request_bytes
from server_process import read, wait_until

CLIENTS = 4


def converse(address, paths, depth, answered):
    """Sends the requests, `depth` of them at once; what is behind an answer that closes is sent again on the next connection,
    and that is all that ever is."""
    while paths:
        with Connection(address) as connection:
            while paths and not connection.is_over:
                batch = paths[:depth]
                connection.send(b"".join(map(request_bytes, batch)))
                for path in batch:
                    answered.append(connection.read_response().body.decode())
                    assert answered[-1] == path, "the next one in order"
                    paths.pop(0)
                    if connection.is_over:
                        break
            if connection.is_over:
                # Not read_to_end(), for which a reset is as good as an end.
                assert connection.buffer == b"" and connection.sock.recv(1) == b"", "nothing comes behind the last answer"


# One at a time; less than a worker answers; more; more than it reads at once, so that bytes are left in the kernel.
@pytest.mark.parametrize("depth", [1, 7, 60, 300])
@pytest.mark.parametrize("count", [1, 2], ids=["1 worker", "2 workers"])
def test_every_request_is_answered_once_and_in_order(server, worker_kind, tmp_path, depth, count):
    ran = tmp_path / "ran"
    running = server(*worker_kind, "--workers", str(count), "--max-requests", "20", "--max-requests-jitter", "5",
                     "numbered:app", env={"RAN": str(ran)})
    total = 150 if depth == 1 else 300
    wanted = [["/%d-%d" % (client, i) for i in range(total)] for client in range(CLIENTS)]
    answered = [[] for _ in wanted]
    failures = []

    def client(number):
        try:
            # A pipeline as deep as that has many more requests than are answered: the rest is sent again each time.
            converse(running.address, list(wanted[number]), depth, answered[number])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a failed request
            failures.append(repr(error))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert answered == wanted
    executed = read(ran).split()
    assert sorted(executed) == sorted(path for paths in wanted for path in paths), "each ran once"
    assert len(running.boots()) > 5
    assert "SIGKILL" not in running.log and "exited with code" not in running.log


def test_an_idle_connection_does_not_keep_a_worker_that_has_reached_its_limit(server, worker_kind, tmp_path):
    running = server(*worker_kind, "--max-requests", "3", "--keep-alive", "100", "numbered:app",
                     env={"RAN": str(tmp_path / "ran")})
    (worker,) = running.wait_for_workers(1)
    with Connection(running.address) as idle, Connection(running.address) as other:
        idle.get("/1")
        for i in range(3):
            other.get("/%d" % i)
        wait_until(lambda: worker not in running.workers(), "the end of the worker")
        idle.assert_closed()


GROWING = """
import os
kept = []
def app(environ, start_response):
    if environ["PATH_INFO"] == "/grow":
        kept.append(b"x" * (200 << 20))
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
"""
OVER = r"Autorestarting worker after current request: it uses (\d+) MiB, max_worker_memory is 150\."


def test_a_worker_is_replaced_after_the_request_that_crossed_max_worker_memory(server, worker_kind, tmp_path):
    (tmp_path / "growing.py").write_text(GROWING)
    running = server(*worker_kind, "--max-worker-memory", "150", "growing:app")
    small = [get(running.address, "/").body for _ in range(20)]
    large = get(running.address, "/grow").body
    assert {large} == set(small), "a small worker stays"
    (used,) = running.wait_for_log(OVER)
    assert 200 <= int(used) < 300
    wait_until(lambda: get(running.address, "/").body != large, "another worker")
    assert running.stop() == 0
    assert "exited with code" not in running.log and "SIGKILL" not in running.log


def test_a_worker_that_grew_right_after_a_look_is_found_without_another_request(server, worker_kind, tmp_path):
    (tmp_path / "growing.py").write_text(GROWING)
    running = server(*worker_kind, "--max-worker-memory", "150", "growing:app")
    with Connection(running.address) as connection:
        connection.send(request_bytes("/") + request_bytes("/grow"))
        connection.read_response()
        connection.read_response()
        running.wait_for_log(OVER)


def test_a_limit_below_what_the_application_needs_is_told_and_serves(server, worker_kind):
    running = server(*worker_kind, "--max-worker-memory", "1", "hello:app")
    running.wait_for_log(r"\[WARNING\] max_worker_memory is 1 MiB, and the application needs \d+ to start")
    for _ in range(5):
        assert get(running.address).status == 200
