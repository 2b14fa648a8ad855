"""Clients that take their time: each second every one of them sends or reads a little. Who is cut off comes back."""

import socket
import threading
import time

HEAD = b"GET / HTTP/1.1\r\nHost: bench\r\n"
UPLOAD = b"POST / HTTP/1.1\r\nHost: bench\r\nContent-Length: 1048576\r\n\r\n"


def request(path):
    return ("GET %s HTTP/1.1\r\nHost: bench\r\n\r\n" % path).encode()


def trickle(piece):
    return lambda client: client.send(piece)


def read_1_kib(client):
    if not client.recv(1024):
        raise ConnectionError


# Name -> what a client sends at first, and what it does every second.
KINDS = {
    "heads": (HEAD, trickle(b"X-Slow: 1\r\n")),
    "1m": (request("/1m"), read_1_kib),
    "8m": (request("/8m"), read_1_kib),
    "bodies": (UPLOAD, trickle(b"x" * 100)),
}


class _Client:
    def __init__(self, port, first):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # the kernel does not read ahead for it
        self.socket.setblocking(False)
        self.socket.connect_ex(("127.0.0.1", port))
        self.first = first

    def step(self, act):
        """False when the server has ended the connection."""
        try:
            if self.first:
                self.socket.send(self.first)
                self.first = b""
            else:
                act(self.socket)
        except BlockingIOError:
            pass
        except OSError:
            self.socket.close()
            return False
        return True


class SlowClients:
    """`with SlowClients(...)`: they are at it from the second second on."""

    def __init__(self, port, kind, count):
        self._port = port
        self._first, self._act = KINDS[kind]
        self._clients = [_Client(port, self._first) for _ in range(count)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while True:
            self._clients = [
                client if client.step(self._act) else _Client(self._port, self._first) for client in self._clients]
            if self._stop.wait(1):
                return

    def __enter__(self):
        self._thread.start()
        time.sleep(2.5)
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        for client in self._clients:
            client.socket.close()


class IdleClients:
    """Connections that were answered once and stay open."""

    def __init__(self, port, count):
        self._sockets = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(count)]
        for client in self._sockets:
            client.sendall(request("/"))
            client.recv(4096)

    def __enter__(self):
        return self

    def still_open(self):
        count = 0
        for client in self._sockets:
            client.setblocking(False)
            try:
                client.recv(1)
            except BlockingIOError:
                count += 1
            except OSError:
                pass
        return count

    def __exit__(self, *_):
        for client in self._sockets:
            client.close()
