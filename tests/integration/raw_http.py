"""HTTP/1 over a raw socket: what is sent is exactly what a test says, what comes back is read by its framing."""

import os
import socket
import ssl

import pytest

import certificates

DEADLINE = 30.0


class TlsSocket(ssl.SSLSocket):
    """Ends its side as a plain socket does: no close_notify, and what the peer still sends can be read."""

    def shutdown(self, how):
        socket.socket.shutdown(self, how)


def tls_context(**options):
    """An ssl.SSLContext for connect(); the options are those of certificates.client_context()."""
    context = certificates.client_context(**options)
    context.sslsocket_class = TlsSocket
    return context


def client_hello():
    """How a handshake begins."""
    outgoing = ssl.MemoryBIO()
    tls = tls_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


# GN_TLS=1: every server and every connection that is not told otherwise speaks TLS (group `tls` of ./test).
EVERYWHERE = tls_context() if "GN_TLS" in os.environ else None
only_plain = pytest.mark.skipif(EVERYWHERE is not None, reason="of plain connections")


class Truncated(Exception):
    """The peer closed before the message was complete. `received` is what came."""

    def __init__(self, received):
        super().__init__("closed after %d bytes: %r" % (len(received), received[-200:]))
        self.received = received


class Response:
    def __init__(self, version, status, reason, headers, body=b"", trailers=b""):
        self.version = version
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
        self.trailers = trailers

    def get(self, name, default=None):
        """The value of a header; repeated ones are joined as RFC 9110 5.3 says."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else default

    @property
    def keeps_alive(self):
        said = (self.get("Connection") or "").lower()
        return said == "keep-alive" or (self.version == "HTTP/1.1" and said != "close")

    def __repr__(self):
        return "<%s %s %s %r>" % (self.version, self.status, self.reason, self.body[:200])


def connect(address, timeout=DEADLINE, receive_buffer=None, source=None, tls=EVERYWHERE, name="localhost", session=None):
    """A connected socket: `address` is a path for a unix socket, else (host, port). `source` is the host to come from. `tls` is an
    ssl.SSLContext, or None; `name` the server's (SNI; None: none is said), `session` one to be resumed."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    if source is not None:
        sock.bind((source, 0))
    sock.settimeout(timeout)
    sock.connect(address)
    if tls is None:
        return sock
    try:
        return tls.wrap_socket(sock, server_hostname=name, session=session)
    except BaseException:
        sock.close()
        raise


class Connection:
    """One connection. Every wait ends with `socket.timeout` after the deadline.

    A sync worker stops keeping connections alive while its calls are slow, as they may be on a loaded machine: `get` then
    goes on with a new connection, once the old one is closed without another byte.
    """

    def __init__(self, address, timeout=DEADLINE, **options):
        self.how = {"address": address, "timeout": timeout, **options}
        self.sock = connect(**self.how)
        self.buffer = b""
        self.is_over = False  # the last response said so

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def get(self, target="/", headers=(), method="GET", body=None):
        """Sends one request and reads its response."""
        if self.is_over:
            self.assert_closed()
            self.close()
            self.sock = connect(**self.how)
            self.is_over = False
        self.send(request_bytes(target, headers, method, body))
        return self.read_response(method)

    def _receive(self):
        received = self.buffer
        data = self.sock.recv(65536)
        if not data:
            raise Truncated(received)
        self.buffer += data

    def _line(self):
        while b"\r\n" not in self.buffer:
            self._receive()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def read_exactly(self, count):
        parts, missing = [self.buffer[:count]], count - len(self.buffer[:count])
        self.buffer = self.buffer[count:]
        while missing:
            data = self.sock.recv(min(missing, 1 << 20))
            if not data:
                raise Truncated(b"".join(parts))
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def read_head(self):
        """Status line and headers, of an interim response as well."""
        version, status, reason = self._line().split(" ", 2)
        headers = []
        while True:
            line = self._line()
            if not line:
                return Response(version, int(status), reason, headers)
            name, value = line.split(":", 1)
            headers.append((name, value.strip()))

    def read_response(self, method="GET"):
        return self.read_body(self.read_head(), method)

    def read_body(self, response, method="GET"):
        """The rest of a response whose head was read."""
        self.is_over = not response.keeps_alive
        if method == "HEAD" or response.status < 200 or response.status in (204, 304):
            return response
        if "chunked" in (response.get("Transfer-Encoding") or "").lower():
            assert response.get("Content-Length") is None, response.headers
            response.body = self._chunks()
        elif response.get("Content-Length") is not None:
            response.body = self.read_exactly(int(response.get("Content-Length")))
        else:
            response.body = self.read_to_end()
        return response

    def _chunks(self):
        parts = []
        while True:
            size = int(self._line().split(";")[0], 16)
            if size == 0:
                assert self._line() == ""
                return b"".join(parts)
            parts.append(self.read_exactly(size))
            assert self._line() == "", "a chunk is followed by CRLF"

    def read_to_end(self):
        """Everything until the peer closes. A reset counts as a close: what matters is that it is over."""
        parts = [self.buffer]
        self.buffer = b""
        while True:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return b"".join(parts)
            parts.append(data)

    def assert_closed(self):
        """The peer closes, or has closed, and sent nothing more before."""
        rest = self.read_to_end()
        assert rest == b"", rest[:500]


def request_bytes(target="/", headers=(), method="GET", body=None, version="HTTP/1.1"):
    lines = ["%s %s %s" % (method, target, version)]
    headers = list(headers)
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", "test"))
    if body is not None and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in headers):
        headers.append(("Content-Length", str(len(body))))
    lines += ["%s: %s" % header for header in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b"")


def pipeline(address, requests, cut=None):
    """Sends all requests before it reads the first response, in one piece or in two. Answers the responses, and how many
    connections they took: what is behind a response that closes is sent again."""
    responses = []
    connections = 0
    while len(responses) < len(requests):
        data = b"".join(requests[len(responses) :])
        connections += 1
        with Connection(address) as connection:
            connection.send(data[:cut])
            connection.send(data[len(data[:cut]) :])
            while len(responses) < len(requests) and not connection.is_over:
                responses.append(connection.read_response())
            if connection.is_over:
                connection.assert_closed()
        cut = None
    return responses, connections


def chunked(*pieces):
    """A chunked body of these pieces."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def get(address, target="/", headers=(), method="GET", body=None, **options):
    """One request on a connection of its own; the options are those of connect()."""
    with Connection(address, **options) as connection:
        return connection.get(target, list(headers) + [("Connection", "close")], method, body)
