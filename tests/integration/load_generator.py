"""Clients that never rest while a test does something to the server, and that account for each request they send.

A request ends in one of three ways: *answered*, with status 200 and exactly the body it has to have; *refused*, when no
connection is made; *failed*, with anything else: reset, closed early, timed out, another status, another body.

Apart from that, *races*: a kept connection that the server closed while the client was about to use it again, before any byte of an
answer. Every server has them (RFC 9112 9.3.1); the request is sent once more on a new connection, as all clients do.
"""

import dataclasses
import itertools
import threading
import time
import zlib

from raw_http import Connection, Truncated, chunked, request_bytes
from server_process import DEADLINE, wait_until

PIECE = b"0123456789abcde\n" * 1024  # of tests/apps/loaded.py


# Kinds of requests: a name to their bytes and what has to follow "TOKEN PID\n" in the answer.


def echo(token):
    return request_bytes("/echo/" + token), b""


def slow(milliseconds):
    return lambda token: (request_bytes("/slow/%d/%s" % (milliseconds, token)), b"")


def hang(token):
    return request_bytes("/hang/" + token), b""


def stream(pieces):
    return lambda token: (request_bytes("/stream/%d/%s" % (pieces, token)), PIECE * pieces)


def upload(size, in_chunks=False):
    body = bytes(range(256)) * (size // 256)
    answer = b"%d %d" % (len(body), zlib.crc32(body))
    if in_chunks:
        body = chunked(body[: size // 3], body[size // 3 :])
        return lambda token: (request_bytes("/upload/" + token, [("Transfer-Encoding", "chunked")], "POST") + body, answer)
    return lambda token: (request_bytes("/upload/" + token, (), "POST", body), answer)


@dataclasses.dataclass(frozen=True)
class Clients:
    """`count` clients that send such requests, each on a new connection or on one that they keep as long as they may, and rest
    for `pause` seconds between two of them."""

    count: int
    request: object = echo
    keep: bool = False
    pause: float = 0.001


MIXED = (
    Clients(4, echo),
    Clients(4, echo, keep=True),
    Clients(1, echo, keep=True, pause=0.03),
    Clients(1, slow(30)),
    Clients(1, stream(20)),
    Clients(1, upload(100_000)),
    Clients(1, upload(30_000, in_chunks=True), keep=True),
)


@dataclasses.dataclass(frozen=True)
class Loss:
    """A request that was not answered, or a race."""

    token: str
    reason: str
    port: int = 0  # the client's
    worker: int = 0  # who had answered on that connection before; 0: nobody
    idle: float = 0.0  # how long it had been silent, in seconds


class Failed(Exception):
    """Why a request was not answered; the answer had not begun when `is_silent`."""

    def __init__(self, reason, is_silent=False):
        super().__init__(reason)
        self.is_silent = is_silent


class _Link(Connection):
    """A connection that knows who answered last, and when."""

    def __init__(self, address):
        super().__init__(address)
        self.port = 0 if isinstance(address, str) else self.sock.getsockname()[1]
        self.worker = 0
        self.used = time.monotonic()
        self.idle = 0.0

    def exchange(self, token, data, rest):
        """The pid of the worker that answered."""
        unsent = None
        try:
            self.send(data)
        except OSError as error:
            unsent = error  # there may be an answer nevertheless
        self.idle = time.monotonic() - self.used
        head = None
        try:
            head = self.read_head()
            response = self.read_body(head)
        except (Truncated, ValueError, OSError) as error:
            raise Failed("%s%r" % ("%r, then " % unsent if unsent else "", error), head is None and not self.buffer) from None
        finally:
            self.used = time.monotonic()
        name, _, body = response.body.partition(b"\n")
        said = name.decode("latin-1").split()
        if response.status != 200 or len(said) != 2 or said[0] != token or body != rest:
            raise Failed("an answer that is not its own: %r" % response)
        self.worker = int(said[1])
        return self.worker


class Load:
    """Runs clients, each in a thread, from `with` on until stop(). With `until_refused` the first refusal ends a client: the
    server is expected to leave. A client sends `most` requests at most, and then there is nothing to wait for."""

    def __init__(self, address, groups=MIXED, until_refused=False, most=50_000):
        self.address, self.until_refused, self.most = address, until_refused, most
        self.sent = 0  # without those that were sent again behind a race
        self.answered = {}  # by token: the pid of the worker
        self.refused, self.failed, self.races = [], [], []
        self._changed = threading.Condition()
        self._is_over = threading.Event()
        numbers = itertools.count()
        clients = [(next(numbers), group) for group in groups for _ in range(group.count)]
        self._answers = [0] * len(clients)
        self._threads = [threading.Thread(target=self._run, args=client, daemon=True) for client in clients]
        self.clients = len(clients)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    # What a test waits for.

    def wait_for_more(self, each=3):
        """Until each client was answered so many times more."""
        with self._changed:
            wanted = [count + each for count in self._answers]
            self._wait(lambda: all(have >= want for have, want in zip(self._answers, wanted)), "%d answers each" % each)

    def wait_for_answers_of(self, workers):
        with self._changed:
            self._wait(lambda: set(workers) <= set(self.answered.values()), "answers of the workers %s" % (workers,))

    def wait_until_refused(self):
        """Until no client is left."""
        wait_until(lambda: not any(thread.is_alive() for thread in self._threads), "the refusal of all clients")

    def stop(self):
        self._is_over.set()
        for thread in self._threads:
            thread.join(DEADLINE * 2)
            assert not thread.is_alive(), "a client that does not end"
        return self

    def _wait(self, predicate, what):
        assert self._changed.wait_for(predicate, DEADLINE), "%s did not come: %s" % (what, self)
        assert max(self._answers) < self.most, "the load ended before the test"

    # What came of it.

    def __str__(self):
        return "%d sent, %d answered, %d refused, %d failed %s, %d races %s" % (
            self.sent, len(self.answered), len(self.refused), len(self.failed), self.failed[:5], len(self.races), self.races[:5])

    def assert_nothing_lost(self, heard_for=0.5, except_by=()):
        """Every request was answered, and no kept connection ended under a client that had been silent for less than
        `heard_for` seconds, whatever the workers `except_by` did to theirs."""
        assert not self.failed and (self.until_refused or not self.refused), str(self)
        unheard = [race for race in self.races if race.idle < heard_for and race.worker not in except_by]
        assert not unheard, "%s\n%s" % (self, unheard)
        assert self.sent == len(self.answered) + len(self.refused) > 0

    # A client.

    def _run(self, number, group):
        link = None
        for i in range(self.most):
            if self._is_over.is_set():
                break
            token = "%d-%d" % (number, i)
            with self._changed:
                self.sent += 1
            try:
                link = self._request(number, token, group.request(token), link)
            except (ConnectionRefusedError, FileNotFoundError) as error:  # of a unix socket: either
                self._count(self.refused, Loss(token, repr(error)))
                link = None
                if self.until_refused:
                    break
                self._is_over.wait(0.01)  # as a client would that tries again
            if link is not None and not (group.keep and not link.is_over):
                link.close()
                link = None
            self._is_over.wait(group.pause)
        if link is not None:
            link.close()

    def _request(self, number, token, content, link):
        """The connection behind one request; None when it is of no use any more. Raises what refuses a connection."""
        is_kept = link is not None
        try:
            link = link or _Link(self.address)
            worker = link.exchange(token, *content)
        except (ConnectionRefusedError, FileNotFoundError):
            raise
        except (Failed, OSError) as failure:  # OSError: a handshake of TLS that fails
            if link is None:
                return self._count(self.failed, Loss(token, repr(failure)))
            link.close()
            loss = Loss(token, str(failure), link.port, link.worker, link.idle)
            if not (is_kept and failure.is_silent):
                return self._count(self.failed, loss)
            self._count(self.races, loss)
            return self._request(number, token, content, None)
        with self._changed:
            self.answered[token] = worker
            self._answers[number] += 1
            self._changed.notify_all()
        return link

    def _count(self, where, loss):
        with self._changed:
            where.append(loss)
            self._changed.notify_all()
