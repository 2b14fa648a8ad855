"""How connections are taken over from the kernel: when, by which worker, and what happens when there is no room for them."""

import os
import resource
import signal
import socket
import time

import pytest

from raw_http import Connection, get, request_bytes
from server_process import DEADLINE, SANITIZED, ProcessFacts, wait_until


def test_a_connection_is_handed_over_with_its_first_bytes_until_the_server_stops(server, worker_kind):
    def is_deferred():
        return listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT) > 0

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        running = server(*worker_kind, "hello:app", bind="fd://%d" % listener.fileno(), pass_fds=[listener.fileno()])
        assert get(running.address).body == b"hello\n"
        assert is_deferred()
        assert running.stop() == 0
        assert not is_deferred(), "who has connected by now is served even if it is slow to speak"


# No room: descriptors


def descriptors(pid):
    return [int(name) for name in os.listdir("/proc/%d/fd" % pid)]


def leave_descriptors(running, count):
    """Answers the only worker, which may open `count` more descriptors from now on."""
    with Connection(running.address) as first:  # whatever it opens for itself is open then
        first.get("/declared-length", [("Connection", "close")])
        first.assert_closed()
    (pid,) = running.workers()
    used = sorted(descriptors(pid))
    free = [number for number in range(used[-1] + 1 + count) if number not in used]
    limit = free[count - 1] + 1
    assert all(number < limit or number in used for number in range(used[-1]))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]))
    return pid


# UBSan opens a pipe to see whether an object can be read, and without one takes each for a wild pointer.
takes_all_descriptors = pytest.mark.skipif(SANITIZED, reason="a sanitizer needs descriptors of its own")
NO_ROOM = "accept: Too many open files"
ROOM_AGAIN = "accept: there is room for new connections again"


@takes_all_descriptors
def test_a_worker_without_descriptors_serves_on_waits_and_recovers(server, worker_kind):
    running = server(*worker_kind, "kinds:app")
    worker = leave_descriptors(running, 3)
    busy = [Connection(running.address) for _ in range(3)]
    for connection in busy:
        connection.send(b"GET /declared-length HTTP/1.1\r\nHost: a\r\n")  # not idle: it cannot be closed to make room
    waiting = [Connection(running.address) for _ in range(3)]
    for connection in waiting:
        connection.send(request_bytes("/declared-length", [("Connection", "close")]))
    running.wait_for_log(NO_ROOM)

    before = ProcessFacts(worker).cpu_ticks
    busy[0].send(b"Content-Length: 0\r\n")
    time.sleep(1)  # what it costs to be in this state
    assert ProcessFacts(worker).cpu_ticks - before <= 20, "ticks of 10 ms in a second"

    for connection in busy[1:] + busy[:1]:
        connection.send(b"Connection: close\r\n\r\n")
        assert connection.read_response().body == b"12345", "what is open is served on"
        connection.close()
    for connection in waiting:
        assert connection.read_response().body == b"12345"
        connection.close()
    running.wait_for_log(ROOM_AGAIN)
    assert running.log.count(NO_ROOM) == 1 and running.log.count(ROOM_AGAIN) == 1
    assert running.workers() == [worker]
    assert get(running.address, "/declared-length").body == b"12345"


@takes_all_descriptors
def test_a_worker_without_descriptors_can_be_stopped(server, worker_kind):
    running = server(*worker_kind, "kinds:app")
    leave_descriptors(running, 1)
    with Connection(running.address) as busy, Connection(running.address) as waiting:
        busy.send(b"GET /declared-length HTTP/1.1\r\nHost: a\r\n")
        waiting.send(request_bytes("/declared-length", [("Connection", "close")]))
        running.wait_for_log(NO_ROOM)
        running.send_signal(signal.SIGTERM)
        running.wait_for_log("Handling signal: term")
        busy.send(b"\r\n")
        assert busy.read_response().body == b"12345"
        assert waiting.read_response().body == b"12345", "the room that it left"
    assert running.wait() == 0


@pytest.mark.parametrize("bound", ["worker_connections", pytest.param("descriptors", marks=takes_all_descriptors)])
def test_kept_connections_make_room_for_newcomers_the_oldest_first(server, worker_kind, bound):
    arguments = ("--worker-connections", "10") if bound == "worker_connections" else ()
    running = server(*worker_kind, "--keep-alive", "100", *arguments, "kinds:app")
    if bound == "descriptors":
        leave_descriptors(running, 10)
    kept = [Connection(running.address) for _ in range(10)]
    for connection in kept:
        wait_until(lambda: connection.get("/declared-length").keeps_alive, "a connection that is kept alive")
    for _ in range(5):
        assert get(running.address, "/declared-length").body == b"12345"
    kept[0].assert_closed()
    kept[-1].send(request_bytes("/declared-length"))
    assert kept[-1].read_response().body == b"12345", "the youngest still is there"
    for connection in kept:
        connection.close()


def test_connections_that_wait_for_the_rest_of_a_request_make_no_room(server, worker_kind):
    running = server(*worker_kind, "--worker-connections", "3", "kinds:app")
    begun = [Connection(running.address) for _ in range(3)]
    for connection in begun:
        connection.send(b"GET /declared-length HTTP/1.1\r\n")
    with Connection(running.address) as waiting:
        waiting.send(request_bytes("/declared-length", [("Connection", "close")]))
        for connection in begun:
            connection.send(b"Host: a\r\nConnection: close\r\n\r\n")
            assert connection.read_response().body == b"12345"
            connection.close()
        assert waiting.read_response().body == b"12345"


# Several workers


def test_a_new_connection_goes_to_a_worker_that_is_free(server, gate):
    running = server("--workers", "4", "--keep-alive", "0", "gate:app", env=gate.env)
    workers = running.wait_for_workers(4)
    for round_number in range(10):
        names = ["r%d-%d" % (round_number, i) for i in range(3)]
        busy = []
        for name in names:
            busy.append(Connection(running.address))
            busy[-1].send(request_bytes("/wait/" + name))
            gate.wait_for(name)
        answered = {get(running.address).body for _ in range(20)}
        assert len(answered) == 1 and int(answered.pop()) in workers
        for connection, name in zip(busy, names):
            gate.open(name)
            connection.read_response()
            connection.close()


def test_kept_connections_are_spread_over_the_workers(server, worker_kind):
    running = server(*worker_kind, "--workers", "4", "--keep-alive", "100", "kinds:app")
    running.wait_for_workers(4)
    kept, answered = [], []

    def is_spread():
        assert len(kept) < 100, answered
        kept.append(Connection(running.address))
        answered.append(kept[-1].get("/pid").body)
        return len(set(answered)) >= 3

    wait_until(is_spread, "an answer of three workers")
    for connection in kept:
        connection.close()


def test_connections_do_not_wait_for_a_worker_that_is_stopped(server):
    running = server("--workers", "3", "kinds:app")
    workers = running.wait_for_workers(3)
    for worker in workers[:2]:
        os.kill(worker, signal.SIGSTOP)
    for _ in range(20):
        assert int(get(running.address, "/pid").body) == workers[2]
    for worker in workers[:2]:
        os.kill(worker, signal.SIGCONT)


# backlog


def test_backlog_is_how_many_wait_for_a_busy_server(server, gate, tmp_path):
    path = str(tmp_path / "s")
    running = server("--backlog", "2", "gate:app", bind="unix:" + path, env=gate.env)
    with Connection(path) as busy:
        busy.send(request_bytes("/wait/one"))
        gate.wait_for("one")
        waiting = []
        with pytest.raises(BlockingIOError):
            while len(waiting) < 100:
                waiting.append(socket.socket(socket.AF_UNIX))
                waiting[-1].setblocking(False)
                waiting[-1].connect(path)
        waiting.pop().close()
        assert len(waiting) == 3, "the kernel lets one more in than is asked for"
        gate.open("one")
        busy.read_response()
    for client in waiting:
        client.settimeout(DEADLINE)
        client.sendall(request_bytes("/", [("Connection", "close")]))
        assert client.recv(100).startswith(b"HTTP/1.1 200"), "who waited is served"
        client.close()
    assert get(path).status == 200


def listening_sockets(port):
    """How many sockets listen there (proc(5): state 0A)."""
    rows = [line.split() for line in open("/proc/net/tcp").read().splitlines()[1:]]
    return sum(1 for row in rows if row[3] == "0A" and row[1].endswith(":%04X" % port))


def test_with_reuse_port_each_worker_listens_by_itself(server, worker_kind):
    running = server(*worker_kind, "--reuse-port", "--workers", "3", "kinds:app")
    workers = running.wait_for_workers(3)
    port = running.address[1]
    wait_until(lambda: listening_sockets(port) == 3, "each worker listens")
    served = {int(get(running.address, "/pid").body) for _ in range(60)}
    assert len(served) > 1 and served <= set(workers), "the kernel spreads the connections"
    os.kill(workers[0], signal.SIGKILL)
    # The next one is forked when the last thread of the old one is gone, and with it its socket.
    wait_until(lambda: len(running.boots()) == 4 and listening_sockets(port) == 3, "the next one listens")
    assert get(running.address, "/pid").status == 200
    assert running.stop() == 0
    assert listening_sockets(port) == 0
