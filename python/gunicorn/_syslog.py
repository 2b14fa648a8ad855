"""Log lines for a syslog daemon that may be slow, absent or gone: nothing here ever waits in the thread that logs."""

import collections
import errno
import logging
import logging.handlers
import os
import select
import socket
import threading
import time

MOST_LINES = 1000  # that wait for the daemon; more are lost, and counted
LONGEST_LINE = 32768  # bytes; the rest of a longer one is cut off
PAUSE = 1.0  # seconds between two attempts to connect


class SyslogHandler(logging.handlers.SysLogHandler):
    """Python's handler with a socket that never blocks.

    `address` is a path or (host, port); `socktype` None means a path that is tried as SOCK_DGRAM, then as SOCK_STREAM.
    A line that cannot be sent at once waits, at most MOST_LINES of them, and a thread that lives as long as something waits
    sends them when it can. How many were lost is told in the log as soon as the daemon hears again. Each process has a
    socket of its own: what a fork left behind is the parent's to send.

    A datagram is a line as it is. In a stream each line ends with a newline (RFC 6587, 3.4.2), and one inside of it is
    written #012, as rsyslog does, so that no line can pass for two.
    """

    def __init__(self, address, facility, socktype=None):
        logging.Handler.__init__(self)
        self.address = address
        self.facility = facility
        self.socktype = socktype
        self.unixsocket = isinstance(address, str)
        self.socket = None
        self._begin()

    def _begin(self):
        """State of this process."""
        self._pid = os.getpid()
        self._waiting = collections.deque()
        self._sent = 0  # bytes of the first one that waits, in a stream
        self._lost = 0
        self._was_refused = False
        self._connected_to = []  # the address in use, then those to try instead
        self._next_attempt = 0.0
        self._drainer = None
        self._wake = threading.Event()
        self._is_closed = False

    def createSocket(self):
        """Python's name for connecting."""
        self._connect(self._known_addresses())

    def emit(self, record):
        try:
            line = self.format(record)
            priority = self.encodePriority(self.facility, self.mapPriority(record.levelname))
        except Exception:
            return self.handleError(record)
        if self._pid != os.getpid():
            self._drop_socket()
            self._begin()
        self._is_closed = False
        self._put(("<%d>%s" % (priority, line)).encode("utf-8", "replace")[:LONGEST_LINE])
        return None

    def _put(self, line):
        """Called with the lock of the handler, as emit() is."""
        if len(self._waiting) >= MOST_LINES:
            self._lost += 1
        else:
            self._waiting.append(line)
        if self._drainer is not None and self._drainer.is_alive():
            return
        if self.socket is None and time.monotonic() >= self._next_attempt:
            self._connect(self._known_addresses())
        if self.socket is not None:
            self._send_waiting()
        if self._waiting:
            self._wake.clear()
            self._drainer = threading.Thread(target=self._drain, name="gunicorn-syslog", daemon=True)
            self._drainer.start()

    # Where to.

    def _known_addresses(self):
        """What can be connected to without asking anybody: a path, a number, this host. Else nothing."""
        if self.unixsocket:
            kinds = [self.socktype] if self.socktype else [socket.SOCK_DGRAM, socket.SOCK_STREAM]
            return [(socket.AF_UNIX, kind, self.address) for kind in kinds]
        flags = 0 if self.address[0] == "localhost" else socket.AI_NUMERICHOST
        return self._resolved(flags)

    def _resolved(self, flags=0):
        try:
            found = socket.getaddrinfo(*self.address, type=self.socktype or socket.SOCK_DGRAM, flags=flags)
        except OSError:
            return []
        addresses = [(family, kind, address) for family, kind, _, _, address in found]
        return sorted(addresses, key=lambda one: one[0] != socket.AF_INET)  # where most daemons listen

    def _connect(self, addresses):
        self._next_attempt = time.monotonic() + PAUSE
        for place, (family, kind, address) in enumerate(addresses):
            candidate = None
            try:
                candidate = socket.socket(family, kind)
                candidate.setblocking(False)
                code = candidate.connect_ex(address)
            except OSError as error:
                code = error.errno
            if code in (0, errno.EINPROGRESS):
                self.socket = candidate
                self._sent = 0
                self._connected_to = addresses[place:] + addresses[:place]
                return
            if candidate is not None:
                candidate.close()

    def _drop_socket(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None
        self._sent = 0

    # Sending. With the lock.

    def _is_stream(self):
        return self.socket.type == socket.SOCK_STREAM

    def _send_waiting(self):
        """As much as goes. What is left waits; without a socket for the next attempt."""
        try:
            if self._is_stream() and self.socket.recv(1, socket.MSG_PEEK) == b"":
                raise ConnectionResetError
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno != errno.ENOTCONN:  # else the connection is still being made
                self._drop_socket()
                self._connect(self._known_addresses())
                if self.socket is None:
                    return
        try:
            while self._waiting:
                self._send_first()
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno in (errno.ENOTCONN, errno.EAGAIN, errno.ENOBUFS):
                return
            self._drop_socket()
            return
        self._tell_lost()

    def _send_first(self):
        line = self._waiting[0]
        if self._is_stream():
            framed = line.replace(b"\n", b"#012") + b"\n"
            self._sent += self.socket.send(framed[self._sent :])
            if self._sent < len(framed):
                return
            self._sent = 0
        else:
            self._send_datagram(line)
        self._waiting.popleft()

    def _send_datagram(self, line):
        self._was_refused = False
        try:
            self.socket.send(line)
        except ConnectionRefusedError:
            if self.unixsocket:
                raise
            # Over UDP this is what became of the line before: nobody listened. This one was not sent yet. A name may stand
            # for several addresses.
            self._was_refused = True
            self._lost += 1
            if len(self._connected_to) > 1:
                self._drop_socket()
                self._connect(self._connected_to[1:] + self._connected_to[:1])
                if self.socket is None:
                    raise
            self.socket.send(line)
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            self.socket.send(line[:1024])  # what RFC 3164, 4.1 lets everybody count on

    def _tell_lost(self):
        if self._lost == 0 or self._was_refused:
            return
        lost, self._lost = self._lost, 0
        logging.getLogger("gunicorn.error").warning("syslog: %d lines were lost while it did not listen", lost)

    # While something waits.

    def _drain(self):
        while not self._is_closed:
            self._wake.wait(0.02)  # a socket may seem to have room that it has not
            self._wait_for_room()
            # Names are looked up here and nowhere else: that may take its time.
            addresses = None
            if self.socket is None and time.monotonic() >= self._next_attempt:
                addresses = self._known_addresses() or self._resolved()
            with self.lock:
                if addresses is not None and self.socket is None:
                    self._connect(addresses)
                if self.socket is not None:
                    self._send_waiting()
                if not self._waiting or self._is_closed:
                    self._drainer = None
                    return

    def _wait_for_room(self):
        connected = self.socket
        if connected is None:
            self._wake.wait(max(0.0, self._next_attempt - time.monotonic()))
            return
        try:
            poll = select.poll()
            poll.register(connected.fileno(), select.POLLOUT)
            poll.poll(PAUSE * 1000)
        except (OSError, ValueError):  # closed meanwhile
            pass

    def flush(self):
        """Sends what goes at once."""
        with self.lock:
            if self._pid == os.getpid() and self.socket is not None and self._waiting:
                self._send_waiting()

    def close(self):
        """A later line opens it again."""
        self.flush()
        with self.lock:
            self._is_closed = True
            self._wake.set()
            if self._pid == os.getpid():
                self._waiting.clear()
            self._drop_socket()
        logging.Handler.close(self)
