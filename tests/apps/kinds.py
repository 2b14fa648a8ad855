"""One path for each kind of response that PEP 3333 knows, and for some that it forbids."""

import io
import os
import sys
import tempfile

ROUTES = {}
TEXT = [("Content-Type", "text/plain")]


def route(function):
    ROUTES["/" + function.__name__.replace("_", "-")] = function
    return function


def with_length(size):
    return TEXT + [("Content-Length", str(size))]


@route
def list_of_pieces(environ, start_response):
    start_response("200 OK", TEXT)
    return [b"one,", b"two,", b"three"]


@route
def declared_length(environ, start_response):
    start_response("200 OK", with_length(5))
    return [b"12", b"345"]


@route
def generator(environ, start_response):
    start_response("200 OK", TEXT)
    for i in range(5):
        yield b"piece%d;" % i


@route
def late_start_response(environ, start_response):
    """A generator calls start_response when its first piece is asked for."""
    yield b""
    start_response("201 Created", TEXT)
    yield b"late"


@route
def empty_pieces(environ, start_response):
    start_response("200 OK", TEXT)
    return iter([b"", b"", b"a", b"", b"b", b""])


@route
def empty_list(environ, start_response):
    start_response("200 OK", TEXT)
    return []


@route
def empty_generator(environ, start_response):
    start_response("200 OK", TEXT)
    return iter(())


@route
def no_content(environ, start_response):
    start_response("204 No Content", [])
    return []


@route
def not_modified(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"x"')])
    return []


@route
def write_calls(environ, start_response):
    write = start_response("200 OK", TEXT)
    write(b"first,")
    write(b"second,")
    return [b"third"]


@route
def write_only(environ, start_response):
    write = start_response("200 OK", with_length(4))
    write(b"only")
    return []


@route
def large_write(environ, start_response):
    write = start_response("200 OK", TEXT)
    for _ in range(64):
        write(b"w" * 65536)
    return []


@route
def exc_info_before_output(environ, start_response):
    start_response("200 OK", TEXT)
    try:
        raise ValueError("changed its mind")
    except ValueError:
        start_response("503 Service Unavailable", [("Content-Type", "text/x-error")], sys.exc_info())
    return [b"sorry"]


@route
def exc_info_after_output(environ, start_response):
    write = start_response("200 OK", TEXT)
    write(b"already on its way")
    try:
        raise ValueError("too late for another status")
    except ValueError:
        start_response("503 Service Unavailable", TEXT, sys.exc_info())
    return [b"never reached"]


@route
def start_response_twice(environ, start_response):
    start_response("200 OK", TEXT)
    start_response("200 OK", TEXT)
    return [b"never"]


@route
def no_start_response(environ, start_response):
    return [b"who said so?"]


@route
def text_body(environ, start_response):
    start_response("200 OK", TEXT)
    return ["text, not bytes"]


@route
def none_body(environ, start_response):
    start_response("200 OK", TEXT)
    return None


@route
def bad_header_value(environ, start_response):
    start_response("200 OK", TEXT + [("X-Bad", "a\r\nSet-Cookie: injected=1")])
    return [b"never"]


@route
def bad_status(environ, start_response):
    start_response("OK 200", TEXT)
    return [b"never"]


@route
def hop_by_hop(environ, start_response):
    start_response("200 OK", TEXT + [("Connection", "close"), ("Server", "mine"), ("Date", "yesterday"), ("X-Own", "kept")])
    return [b"x"]


@route
def shorter_than_declared(environ, start_response):
    start_response("200 OK", with_length(100))
    return [b"short"]


@route
def longer_than_declared(environ, start_response):
    start_response("200 OK", with_length(3))
    return [b"long", b"er"]


@route
def boom(environ, start_response):
    raise RuntimeError("the application failed <on purpose>")


@route
def boom_after_start_response(environ, start_response):
    start_response("200 OK", TEXT)
    raise RuntimeError("failed after start_response")


@route
def boom_in_the_middle(environ, start_response):
    start_response("200 OK", TEXT)
    yield b"first chunk"
    raise RuntimeError("failed in the middle")


@route
def boom_short_of_length(environ, start_response):
    start_response("200 OK", with_length(1000))
    yield b"first part"
    raise RuntimeError("failed in the middle")


@route
def stop_iteration(environ, start_response):
    raise StopIteration


@route
def system_exit(environ, start_response):
    sys.exit(environ["QUERY_STRING"] or None)


@route
def system_exit_zero(environ, start_response):
    sys.exit(0)


@route
def pid(environ, start_response):
    start_response("200 OK", TEXT)
    return [str(os.getpid()).encode()]


@route
def big(environ, start_response):
    """QUERY_STRING bytes in pieces of 64 KiB."""
    size = int(environ["QUERY_STRING"])
    start_response("200 OK", with_length(size))
    for at in range(0, size, 65536):
        yield b"b" * min(65536, size - at)


@route
def big_in_one_piece(environ, start_response):
    size = int(environ["QUERY_STRING"])
    start_response("200 OK", with_length(size))
    return [b"B" * size]


@route
def early_hints(environ, start_response):
    environ["wsgi.early_hints"]([("Link", "</style.css>; rel=preload"), ("Connection", "close"), ("Content-Length", "7")])
    environ["wsgi.early_hints"]([("Link", "</script.js>; rel=preload")])
    start_response("200 OK", with_length(5))
    return [b"final"]


@route
def early_hints_in_a_generator(environ, start_response):
    start_response("200 OK", TEXT)
    environ["wsgi.early_hints"]([("Link", "</style.css>; rel=preload")])
    yield b"first,"
    environ["wsgi.early_hints"]([("Link", "</too-late.css>; rel=preload")])
    yield b"second"


@route
def early_hints_and_boom(environ, start_response):
    environ["wsgi.early_hints"]([("Link", "</style.css>; rel=preload")])
    raise RuntimeError("failed behind the hints")


@route
def bad_early_hints(environ, start_response):
    """QUERY_STRING says which."""
    bad = {
        "value": [("Link", "a\r\nSet-Cookie: injected=1")],
        "name": [("Li nk", "a")],
        "bytes": [(b"Link", b"a")],
        "type": None,
    }
    environ["wsgi.early_hints"](bad[environ["QUERY_STRING"]])
    start_response("200 OK", TEXT)
    return [b"never"]


HINTS = []


@route
def early_hints_after_the_request(environ, start_response):
    HINTS.append(environ["wsgi.early_hints"])
    start_response("200 OK", TEXT)
    try:
        HINTS[0]([("Link", "a")])
    except RuntimeError as error:
        return [str(error).encode()]
    return [b"first call"]


@route
def unread_body(environ, start_response):
    start_response("200 OK", TEXT)
    return [b"did not look"]


def temporary_file(content):
    handle = tempfile.TemporaryFile()
    handle.write(content)
    handle.seek(0)
    return handle


@route
def file(environ, start_response):
    start_response("200 OK", TEXT)
    return environ["wsgi.file_wrapper"](temporary_file(b"0123456789" * 30000))


@route
def rest_of_file(environ, start_response):
    handle = temporary_file(b"0123456789" * 1000)
    handle.seek(9990)
    start_response("200 OK", with_length(10))
    return environ["wsgi.file_wrapper"](handle, 4)


@route
def part_of_file(environ, start_response):
    start_response("200 OK", with_length(7))
    return environ["wsgi.file_wrapper"](temporary_file(b"0123456789" * 1000))


@route
def file_without_descriptor(environ, start_response):
    start_response("200 OK", TEXT)
    return environ["wsgi.file_wrapper"](io.BytesIO(b"in memory " * 1000), 512)


@route
def empty_file(environ, start_response):
    start_response("200 OK", TEXT)
    return environ["wsgi.file_wrapper"](temporary_file(b""))


CLOSED = []


class Closing:
    """An iterable that says when it was closed."""

    def __init__(self, pieces, name):
        self.pieces = iter(pieces)
        self.name = name

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.pieces)

    def close(self):
        CLOSED.append(self.name)


def failing():
    yield b"first"
    raise RuntimeError("failed in the middle")


def endless():
    while True:
        yield b"e" * 65536


@route
def closing(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing([b"a", b"b"], "complete")


@route
def closing_after_failure(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing(failing(), "failed")


@route
def closing_when_the_client_leaves(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing(endless(), "left")


@route
def closed(environ, start_response):
    start_response("200 OK", TEXT)
    return [",".join(CLOSED).encode()]


def app(environ, start_response):
    handler = ROUTES.get(environ["PATH_INFO"])
    if handler is None:
        start_response("404 Not Found", TEXT)
        return [b"no such kind"]
    return handler(environ, start_response)
