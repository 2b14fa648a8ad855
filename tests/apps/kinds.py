"""One path for each kind of response that PEP 3333 knows, and for some that it forbids."""

import io
import os
import sys
import tempfile
import threading

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


class WritesWhenClosed:
    def __init__(self, write):
        self.write = write

    def __iter__(self):
        return iter([b"all"])

    def close(self):
        self.write(b"5\r\nextra\r\n")


@route
def write_when_closed(environ, start_response):
    return WritesWhenClosed(start_response("200 OK", TEXT))


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


TOLD = []


@route
def write_goes_on_in_a_thread(environ, start_response):
    """Returns after the first of many calls of write()."""
    write = start_response("200 OK", TEXT)
    began = threading.Event()

    def go_on():
        try:
            for _ in range(100_000):
                write(b"w" * 65536)
                began.set()
            TOLD.append("nothing")
        except Exception as error:
            TOLD.append("%s: %s" % (type(error).__name__, error))

    threading.Thread(target=go_on, daemon=True).start()
    began.wait()
    return []


@route
def what_the_thread_was_told(environ, start_response):
    start_response("200 OK", TEXT)
    return ["\n".join(TOLD).encode()]


@route
def write_between_the_pieces(environ, start_response):
    """A thread that calls write() all the time beside a generator; between two pieces it may be refused."""
    write = start_response("200 OK", TEXT)
    over = threading.Event()

    def go_on():
        while not over.is_set():
            try:
                write(b"w")
            except RuntimeError:
                pass

    threading.Thread(target=go_on, daemon=True).start()
    for _ in range(1000):
        yield b"p" * 1000
    over.set()


@route
def write_in_a_thread_that_is_waited_for(environ, start_response):
    write = start_response("200 OK", TEXT)
    thread = threading.Thread(target=lambda: write(b"of the thread,"))
    thread.start()
    thread.join()
    return [b"of the application"]


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


# By the query: what an application may pass for exc_info that sys.exc_info() never gives.
NO_EXC_INFO = {
    "no-exception": (None, None, None),
    "a-number": (int, 70, None),
    "a-class": (ValueError, ValueError, None),
    "a-text": (ValueError, "text", None),
    "no-traceback": (ValueError, ValueError("text"), 5),
    "another-type": (KeyError, ValueError("text"), None),
    "a-list": [ValueError, ValueError("text"), None],
    "too-short": (ValueError, ValueError("text")),
    "no-tuple": True,
}


@route
def odd_exc_info_after_output(environ, start_response):
    """Says what start_response raised."""
    write = start_response("200 OK", TEXT)
    write(b"begun,")
    try:
        start_response("500 Oops", TEXT, NO_EXC_INFO[environ["QUERY_STRING"]])
    except Exception as error:
        write(type(error).__name__.encode())
    return []


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


class Unprintable(Exception):
    def __str__(self):
        raise ValueError("no text")


def recurse():
    return recurse()


def deep():
    try:
        recurse()
    except RecursionError as error:
        raise RuntimeError("\udcff surrogate \u2603") from error


RAISED = {
    "keyboard-interrupt": KeyboardInterrupt("by hand"),
    "generator-exit": GeneratorExit("odd"),
    "base-exception": BaseException("the root of all"),
    "unprintable": Unprintable(),
    "surrogate": RuntimeError("\udcff surrogate \u2603"),
    "recursion": RecursionError("too deep"),
    "stop-iteration": StopIteration("too early"),
    "os-error": OSError(32, "Broken pipe"),
}


@route
def raises(environ, start_response):
    start_response("200 OK", TEXT)
    if environ["QUERY_STRING"] == "deep":
        deep()
    raise RAISED[environ["QUERY_STRING"]]


class RaisingIterator:
    """Raises for its second piece."""

    def __init__(self, error):
        self.error = error
        self.count = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.count += 1
        if self.count > 1:
            raise self.error
        return b"first"

    def close(self):
        CLOSED.append("raising")


@route
def raises_in_iteration(environ, start_response):
    start_response("200 OK", TEXT)
    return RaisingIterator(RAISED[environ["QUERY_STRING"]])


@route
def close_raises(environ, start_response):
    class Bad(Closing):
        def close(self):
            raise RuntimeError("close() failed")

    start_response("200 OK", TEXT)
    return Bad([b"all", b" of it"], "")


HEADS = {
    "status-bytes": (b"200 OK", []),
    "status-number": (200, []),
    "status-none": (None, []),
    "status-short": ("20", []),
    "status-injection": ("200 OK\r\nX-Injected: 1", []),
    "status-control": ("200 O\x1bK", []),
    "status-beyond-latin-1": ("200 \u2603", []),
    "status-100": ("100 Continue", []),
    "status-103": ("103 Early Hints", []),
    "headers-none": ("200 OK", None),
    "headers-dict": ("200 OK", {"X-Injected": "1"}),
    "pair-of-three": ("200 OK", [("X-A", "1", "2")]),
    "name-bytes": ("200 OK", [(b"X-Injected", "1")]),
    "value-bytes": ("200 OK", [("X-Injected", b"1")]),
    "value-number": ("200 OK", [("X-Injected", 1)]),
    "value-none": ("200 OK", [("X-Injected", None)]),
    "name-empty": ("200 OK", [("", "1")]),
    "name-space": ("200 OK", [("X Injected", "1")]),
    "name-injection": ("200 OK", [("X: 1\r\nX-Injected", "1")]),
    "value-lf": ("200 OK", [("X-A", "1\nX-Injected: 1")]),
    "value-cr": ("200 OK", [("X-A", "1\rX-Injected: 1")]),
    "value-nul": ("200 OK", [("X-A", "1\0")]),
    "value-escape": ("200 OK", [("X-A", "\x1b[31mred")]),
    "value-surrogate": ("200 OK", [("X-A", "\udc80")]),
    "value-beyond-latin-1": ("200 OK", [("X-A", "\u2603")]),
    "length-words": ("200 OK", [("Content-Length", "many")]),
    "length-negative": ("200 OK", [("Content-Length", "-1")]),
    "length-twice": ("200 OK", [("Content-Length", "5"), ("content-length", "6")]),
}


@route
def bad_head(environ, start_response):
    start_response(*HEADS[environ["QUERY_STRING"]])
    return [b"hello"]


@route
def odd_head(environ, start_response):
    """Unusual and allowed."""
    headers = [("X-Tab", "a\tb"), ("X-Latin", "J\xfcrgen"), ("X-Empty", ""), ("Content-Length", "2"), ("content-length", "2")]
    start_response("299 Very J\xfcrgen", headers)
    return [b"ok"]


@route
def exc_info_again(environ, start_response):
    """The second head replaces every header of the first one."""
    start_response("200 OK", [("X-First", "1"), ("Content-Length", "1000")])
    try:
        raise ValueError
    except ValueError:
        start_response("500 Oops", [("X-Second", "2")], sys.exc_info())
    yield b""
    try:
        raise KeyError
    except KeyError:
        start_response("502 Third", [("X-Third", "3")], sys.exc_info())
    yield b"third"


@route
def start_response_after_an_error_of_its_own(environ, start_response):
    try:
        start_response("200 OK", [("X-Bad", "a\r\nb")])
    except ValueError:
        start_response("400 Better", TEXT)
    return [b"better"]


@route
def mixed_pieces(environ, start_response):
    start_response("200 OK", TEXT)
    return [b"bytes", "text"]


@route
def bytearray_piece(environ, start_response):
    start_response("200 OK", TEXT)
    return iter([bytearray(b"not bytes")])


@route
def text_as_body(environ, start_response):
    start_response("200 OK", TEXT)
    return "text"


@route
def bytes_as_body(environ, start_response):
    start_response("200 OK", TEXT)
    return b"bytes"


@route
def write_text(environ, start_response):
    start_response("200 OK", TEXT)("text")
    return []


@route
def endless_body(environ, start_response):
    start_response("200 OK", with_length(1_000_000))
    return Closing(endless(), "endless")


@route
def body_where_none_may_be(environ, start_response):
    start_response(environ["QUERY_STRING"] + " X", with_length(5))
    return Closing(endless(), "endless")


@route
def closes_once(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing([b"a", b"b"], "once")


@route
def unclosed_when_not_started(environ, start_response):
    return Closing([b"a"], "not started")


class CountingFile(io.FileIO):
    """A real file that says how often it was read by Python, and when it was closed."""

    reads = closes = 0

    def read(self, size=-1):
        CountingFile.reads += 1
        return super().read(size)

    def close(self):
        if not self.closed:
            CountingFile.closes += 1
        super().close()


@route
def counting_file(environ, start_response):
    handle, path = tempfile.mkstemp()
    with os.fdopen(handle, "wb") as made:
        made.write(b"0123456789" * 20000)
    file = CountingFile(path)
    os.unlink(path)
    start_response("200 OK", TEXT)
    return environ["wsgi.file_wrapper"](file)


@route
def counts_of_files(environ, start_response):
    counts = (CountingFile.reads, CountingFile.closes)
    start_response("200 OK", TEXT)
    return [b"%d %d" % counts]


@route
def shrinking_file(environ, start_response):
    """Loses its end when its size has been asked for."""

    class Shrinking(io.FileIO):
        def tell(self):
            os.ftruncate(self.fileno(), 1000)
            return super().tell()

    handle, path = tempfile.mkstemp()
    os.ftruncate(handle, 20_000_000)
    os.close(handle)
    file = Shrinking(path, "r+")
    os.unlink(path)
    start_response("200 OK", TEXT)
    return environ["wsgi.file_wrapper"](file)


@route
def file_shorter_than_declared(environ, start_response):
    start_response("200 OK", with_length(100))
    return environ["wsgi.file_wrapper"](temporary_file(b"short"))


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
