"""Clients of every kind at the same time, on one worker: each gets its own answer. What they have in common is the server; with
the preset tsan this is where its threads meet."""

import contextlib
import signal
import socket
import struct
import threading

from raw_http import Connection, Truncated, get, request_bytes
from server_process import DEADLINE

# Path and body of the answer.
ANSWERS = [
    ("/declared-length", b"12345"),
    ("/list-of-pieces", b"one,two,three"),
    ("/generator", b"piece0;piece1;piece2;piece3;piece4;"),
    ("/write-only", b"only"),
    ("/big?300000", None),
    ("/large-write", None),
    ("/file", b"0123456789" * 30000),
]
ROUNDS = 8


def keeps_its_connection(address):
    with Connection(address) as connection:
        for path, body in ANSWERS:
            response = connection.get(path)
            assert response.status == 200 and body in (None, response.body), (path, response)


def takes_a_connection_for_each_request(address):
    for path, body in ANSWERS:
        response = get(address, path, [("Connection", "close")])
        assert response.status == 200 and body in (None, response.body), (path, response)


def sends_the_next_request_before_the_answer(address):
    with Connection(address) as connection:
        connection.send(request_bytes("/generator") + request_bytes("/write-only", [("Connection", "close")]))
        assert connection.read_response().body == ANSWERS[2][1]
        with contextlib.suppress(Truncated, ConnectionResetError):  # a sync worker may have closed behind the first answer
            assert connection.read_response().body == b"only"


def uploads(address):
    with Connection(address) as connection:
        assert connection.get("/unread-body", method="POST", body=b"u" * 300_000).body == b"did not look"


def is_refused(address):
    assert get(address, "/boom").status == 500
    with Connection(address) as connection:
        connection.send(b"no request\r\n\r\n")
        assert connection.read_response().status == 400


def leaves_without_its_answer(address):
    for path in ("/large-write", "/endless-body", "/closing-when-the-client-leaves"):
        with Connection(address, receive_buffer=4096) as connection:
            connection.send(request_bytes(path))
            connection.read_head()
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset


CLIENTS = [
    keeps_its_connection,
    keeps_its_connection,
    takes_a_connection_for_each_request,
    sends_the_next_request_before_the_answer,
    uploads,
    is_refused,
    leaves_without_its_answer,
]


class Clients:
    """Each in a thread of its own."""

    def __init__(self, address, rounds):
        self.problems = []
        self.threads = [threading.Thread(target=self._run, args=(client, address, rounds)) for client in CLIENTS]
        for thread in self.threads:
            thread.start()

    def _run(self, client, address, rounds):
        try:
            for _ in range(rounds):
                client(address)
        except Exception as error:
            self.problems.append((client.__name__, repr(error)))

    def join(self):
        for thread in self.threads:
            thread.join(DEADLINE)
        assert not any(thread.is_alive() for thread in self.threads)


def test_each_of_many_clients_gets_its_answer_also_while_the_logs_are_reopened(server, worker_kind, tmp_path):
    logs = "--access-logfile", tmp_path / "access.log", "--error-logfile", tmp_path / "error.log"
    running = server(*worker_kind, *logs, "kinds:app", errorlog=tmp_path / "error.log")
    clients = Clients(running.address, ROUNDS)
    for _ in range(20):
        running.send_signal(signal.SIGUSR1)
        assert get(running.address, "/declared-length").body == b"12345"
    clients.join()
    assert not clients.problems
    assert running.stop() == 0


def test_a_worker_that_is_told_to_stop_among_many_clients_leaves_in_order(server, worker_kind):
    running = server(*worker_kind, "kinds:app")
    clients = Clients(running.address, ROUNDS)
    assert get(running.address, "/declared-length").body == b"12345"
    assert running.stop() == 0
    clients.join()
    assert "exited with code" not in running.log
