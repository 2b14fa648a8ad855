"""Takes and gives many bytes and keeps none. /take answers with the number of bytes that came; /give?N with N MiB,
/give-whole?N with N MiB in one piece, /give-same?N with N MiB that exist once; /in-use with what the process has allocated. /boom
raises, /break in the middle of its answer."""

import ctypes
import functools

PIECE = b"\0" * (1 << 20)


@functools.lru_cache(maxsize=None)
def constant(size):
    return b"\0" * size


def take(environ):
    length = 0
    while True:
        piece = environ["wsgi.input"].read(1 << 16)
        if not piece:
            return str(length).encode()
        length += len(piece)


class AllocatorState(ctypes.Structure):
    """struct mallinfo2: man 3 mallinfo."""

    NAMES = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in NAMES.split()]


allocator_state = ctypes.CDLL(None).mallinfo2
allocator_state.restype = AllocatorState


def breaking():
    yield b"first"
    raise RuntimeError("in the middle")


def app(environ, start_response):
    if environ["PATH_INFO"] == "/give":
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return (PIECE for _ in range(int(environ["QUERY_STRING"])))
    if environ["PATH_INFO"] == "/give-whole":
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return [b"\0" * (int(environ["QUERY_STRING"]) << 20)]
    if environ["PATH_INFO"] == "/give-same":
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return [constant(int(environ["QUERY_STRING"]) << 20)]
    if environ["PATH_INFO"] == "/in-use":
        state = allocator_state()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"%d" % (state.uordblks + state.hblkhd)]
    if environ["PATH_INFO"] == "/boom":
        raise RuntimeError("before the answer")
    if environ["PATH_INFO"] == "/break":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return breaking()
    answer = take(environ)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]
