"""Crowds of clients that take their time: each does a little, again and again, while a test does something else."""

import contextlib
import threading

from raw_http import connect, request_bytes
from server_process import wait_until

PAUSE = 1.0  # seconds between two turns of a crowd
SMALL_BUFFER = 4096  # of a client that reads slowly: what it does not read stays with the server


class Crowd:
    """`count` connections that take turns in a thread of their own. A connection that fails or ends is lost."""

    def __init__(self, address, count, receive_buffer=None):
        with contextlib.ExitStack() as opened:
            self.clients = [
                opened.enter_context(connect(address, receive_buffer=receive_buffer)) for _ in range(count)
            ]
            for client in self.clients:
                self.begin(client)
                client.setblocking(False)
            self._stack = opened.pop_all()
        self.lost = []
        self.turns = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        wait_until(lambda: self.turns > 0 or self.lost, "a first turn of all clients")
        return self

    def __exit__(self, *exception):
        self._over.set()
        self._thread.join()
        self._stack.close()

    def _run(self):
        while True:
            for client in self.clients:
                try:
                    self.take_turn(client)
                except (BlockingIOError, ssl.SSLWantReadError):
                    pass
                except OSError as error:
                    self.lost.append(error)
            self.turns += 1
            if self._over.wait(PAUSE):
                return

    def assert_all_are_there(self):
        """Also behind one more turn."""
        seen = self.turns
        wait_until(lambda: self.turns > seen + 1 or self.lost, "another turn")
        assert not self.lost, "%d of %d, %r" % (len(self.lost), len(self.clients), self.lost[0])

    def begin(self, client):
        raise NotImplementedError

    def take_turn(self, client):
        raise NotImplementedError


class Trickling(Crowd):
    """Sends `begun`, and then a byte a turn. An answer, or an end, loses it."""

    def __init__(self, address, count, begun):
        self.begun = begun
        super().__init__(address, count)

    def begin(self, client):
        client.sendall(self.begun)

    def take_turn(self, client):
        client.send(b"x")
        raise ConnectionError("%r came" % client.recv(100))


class Reading(Crowd):
    """Asks for `target`, and then reads a KiB a turn."""

    def __init__(self, address, count, target):
        self.target = target
        super().__init__(address, count, SMALL_BUFFER)

    def begin(self, client):
        client.sendall(request_bytes(self.target))
        assert client.recv(1024).startswith(b"HTTP/1.1 200 ")

    def take_turn(self, client):
        if not client.recv(1024):
            raise ConnectionError("the connection has ended")


def trickling_heads(address, count):
    return Trickling(address, count, b"GET / HTTP/1.1\r\nHost: test\r\nX-Slow: ")


def trickling_bodies(address, count):
    return Trickling(address, count, request_bytes("/take", [("Content-Length", "1000000")], "POST") + b"begun")
