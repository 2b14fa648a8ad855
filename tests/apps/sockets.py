"""Applications that answer over gunicorn.socket, in the ways that real libraries do."""

import base64
import hashlib
import os
import select
import socket
import struct
import tempfile
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT = [("Content-Type", "text/plain")]
ROUTES = {}


def route(function):
    ROUTES["/" + function.__name__.replace("_", "-")] = function
    return function


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read_frame(sock):
    """(opcode, payload) of a small masked frame."""
    first, second = read_exactly(sock, 2)
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack(">H", read_exactly(sock, 2))
    mask = read_exactly(sock, 4)
    return first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(read_exactly(sock, size)))


def frame(opcode, payload):
    size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack(">H", len(payload))
    return bytes([0x80 | opcode]) + size + payload


def handshake(environ):
    sock = environ["gunicorn.socket"]
    key = environ["HTTP_SEC_WEBSOCKET_KEY"].encode()
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    sock.send(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    return sock


def converse(sock):
    """Echoes until the client closes."""
    while True:
        try:
            opcode, payload = read_frame(sock)
        except EOFError:
            return
        sock.sendall(frame(opcode, payload))
        if opcode == 8:
            return


@route
def raises_stop_iteration(environ, start_response):
    """simple-websocket under flask-sock and python-engineio."""
    converse(handshake(environ))
    raise StopIteration


@route
def returns_nothing(environ, start_response):
    converse(handshake(environ))
    return []


@route
def returns_no_iterable(environ, start_response):
    """ALREADY_HANDLED of Gunicorn's own example."""
    converse(handshake(environ))
    return object()


@route
def starts_a_response_afterwards(environ, start_response):
    converse(handshake(environ))
    start_response("200 OK", TEXT)
    return [b"must not be seen"]


@route
def in_a_generator(environ, start_response):
    start_response("200 OK", TEXT)
    converse(handshake(environ))
    yield b"must not be seen"


@route
def raises(environ, start_response):
    converse(handshake(environ))
    raise RuntimeError("raised behind the handshake")


@route
def in_another_thread(environ, start_response):
    """A thread that still reads when the application has returned."""
    sock = handshake(environ)
    threading.Thread(target=lambda: converse(sock), daemon=True).start()
    return []


@route
def streams(environ, start_response):
    """Sends more than any buffer holds, to a client that may read slowly."""
    sock = handshake(environ)
    for _ in range(64):
        sock.sendall(b"s" * 65536)
    return []


@route
def facts(environ, start_response):
    """Looks at its socket and answers as ever."""
    sock = environ["gunicorn.socket"]
    said = [isinstance(sock, socket.socket), sock.gettimeout(), sock.getpeername() != sock.getsockname(), sock.type == socket.SOCK_STREAM]
    start_response("200 OK", TEXT)
    return [repr(said).encode()]


@route
def asks_whether_the_client_is_there(environ, start_response):
    sock = environ["gunicorn.socket"]
    ready, _, _ = select.select([sock], [], [], 0)
    gone = bool(ready) and sock.recv(1, socket.MSG_PEEK) == b""
    body = b"p" * 1_000_000
    start_response("200 OK", TEXT)
    return [b"gone" if gone else body]


@route
def sends_an_interim_response(environ, start_response):
    environ["gunicorn.socket"].sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
    start_response("200 OK", TEXT)
    return [b"done"]


@route
def sends_a_file(environ, start_response):
    environ["gunicorn.socket"].getpeername()
    start_response("200 OK", TEXT)
    file = tempfile.TemporaryFile()
    file.truncate(8_000_000)
    return environ["wsgi.file_wrapper"](file)


@route
def prints(environ, start_response):
    text = repr(environ)
    start_response("200 OK", TEXT)
    return [text.encode("latin-1", "replace")]


KEPT = []
NUMBERS = []


@route
def keeps(environ, start_response):
    KEPT.append(environ["gunicorn.socket"])
    NUMBERS.append(KEPT[-1].fileno())
    start_response("200 OK", TEXT)
    return [b"kept"]


@route
def peer_of_the_kept_descriptor(environ, start_response):
    """Who is at the other end of the number that the kept socket had, whatever became of it."""
    start_response("200 OK", TEXT)
    try:
        with socket.socket(fileno=os.dup(NUMBERS[-1])) as found:
            return [repr(found.getpeername()).encode()]
    except OSError:
        return [b"nobody"]


@route
def uses_what_was_kept(environ, start_response):
    start_response("200 OK", TEXT)
    try:
        KEPT.pop().send(b"late")
    except OSError as error:
        return [type(error).__name__.encode()]
    return [b"sent"]


@route
def descriptors(environ, start_response):
    start_response("200 OK", TEXT)
    return [b"%d" % len(os.listdir("/proc/self/fd"))]


@route
def pid(environ, start_response):
    start_response("200 OK", TEXT)
    return [b"%d" % os.getpid()]


def app(environ, start_response):
    return ROUTES[environ["PATH_INFO"]](environ, start_response)
