"""What load_generator.py asks for. Each path ends with the token of the request, and each answer begins with "TOKEN PID\n", so that
an answer that belongs to somebody else is seen. RAN is the file in which each request that runs leaves its token.

/echo/TOKEN nothing more; /slow/MILLISECONDS/TOKEN the same, later; /stream/PIECES/TOKEN with pieces of PIECE, a moment apart;
/upload/TOKEN with the length and the checksum of the body; /hang/TOKEN never."""

import os
import time
import zlib

PIECE = b"0123456789abcde\n" * 1024


def note(token):
    if "RAN" in os.environ:
        file = os.open(os.environ["RAN"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(file, ("%s %d\n" % (token, os.getpid())).encode())
        os.close(file)


def stream(head, count):
    yield head
    for _ in range(count):
        time.sleep(0.001)
        yield PIECE


def receive(body):
    length, checksum = 0, 0
    while True:
        piece = body.read(1 << 16)
        if not piece:
            return b"%d %d" % (length, checksum)
        length += len(piece)
        checksum = zlib.crc32(piece, checksum)


def app(environ, start_response):
    kind, *rest = environ["PATH_INFO"].strip("/").split("/")
    token = rest[-1]
    note(token)
    head = ("%s %d\n" % (token, os.getpid())).encode()
    if kind == "stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return stream(head, int(rest[0]))
    if kind == "slow":
        time.sleep(int(rest[0]) / 1000)
    while kind == "hang":
        time.sleep(0.05)
    text = head + (receive(environ["wsgi.input"]) if kind == "upload" else b"")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
