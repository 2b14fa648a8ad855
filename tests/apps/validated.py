"""An application wrapped in wsgiref.validate, which asserts the rules of PEP 3333 on both sides."""

import io
import sys
from wsgiref.validate import validator

TEXT = [("Content-Type", "text/plain")]


def plain(environ, start_response):
    size = environ.get("CONTENT_LENGTH")
    body = environ["wsgi.input"].read(int(size)) if size else b""
    answer = environ["REQUEST_METHOD"].encode() + b" " + environ["PATH_INFO"].encode("latin-1") + b" " + body
    environ["wsgi.errors"].write("validated: %s\n" % environ["PATH_INFO"])
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))]
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer]


def reading(environ, start_response):
    """Reads its body in every way there is."""
    stream = environ["wsgi.input"]
    parts = [stream.readline(), stream.read(3)] + stream.readlines() + list(stream)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return iter([b"|".join(parts)])


def writing(environ, start_response):
    write = start_response("200 OK", TEXT)
    write(b"written,")
    write(b"")
    return [b"", b"returned"]


def generating(environ, start_response):
    start_response("200 OK", TEXT)
    yield b"one,"
    yield b""
    yield b"two"


def without_a_body(environ, start_response):
    start_response(environ["QUERY_STRING"].replace("+", " "), [])
    return []


def empty_iterator(environ, start_response):
    start_response("200 OK", TEXT)
    return iter(())


def file(environ, start_response):
    start_response("200 OK", TEXT)
    return environ["wsgi.file_wrapper"](io.BytesIO(b"of a file " * 100), 64)


def changing_its_mind(environ, start_response):
    start_response("200 OK", TEXT)
    try:
        raise ValueError("changed its mind")
    except ValueError:
        start_response("503 Service Unavailable", TEXT, sys.exc_info())
    return [b"sorry"]


def too_late(environ, start_response):
    write = start_response("200 OK", TEXT)
    write(b"already on its way")
    try:
        raise ValueError("too late for another status")
    except ValueError:
        start_response("503 Service Unavailable", TEXT, sys.exc_info())
    return [b"never reached"]


def sized_reads(environ, start_response):
    """What is left of each line and each piece; nothing comes behind the end, however often it is asked."""
    stream = environ["wsgi.input"]
    parts = [stream.readline(4), stream.readline(), stream.read(0), stream.read(2), *stream.readlines(3)]
    parts += [*stream, stream.read(5), stream.readline(), *stream.readlines()]
    start_response("200 OK", TEXT)
    return [b"|".join(parts)]


FEATURES = {"/" + feature.__name__: validator(feature) for feature in (
    writing, generating, without_a_body, empty_iterator, file, changing_its_mind, too_late, sized_reads)}


def features(environ, start_response):
    return FEATURES[environ["PATH_INFO"]](environ, start_response)


class TextInput:
    """An input stream as no server may have it."""

    def __init__(self, stream):
        self.stream = stream

    def read(self, size):
        return self.stream.read(size).decode()

    def unused(self, *arguments):
        raise NotImplementedError

    readline = readlines = __iter__ = unused


class Unclosed:
    """Hides the close() of what it iterates over."""

    def __init__(self, iterable):
        self.iterator = iter(iterable)

    def __iter__(self):
        return self.iterator


# What a server may do wrong, each of which the validator must notice.
WRONGS = {
    "version": lambda environ: environ.update({"wsgi.version": [1, 0]}),
    "no-method": lambda environ: environ.pop("REQUEST_METHOD"),
    "bytes": lambda environ: environ.update(QUERY_STRING=b""),
    "content-type": lambda environ: environ.update(HTTP_CONTENT_TYPE="text/plain"),
    "length": lambda environ: environ.update(CONTENT_LENGTH="-1"),
    "script": lambda environ: environ.update(SCRIPT_NAME="/"),
    "input": lambda environ: environ.update({"wsgi.input": object()}),
    "errors": lambda environ: environ.update({"wsgi.errors": object()}),
}


def wronged(environ, start_response):
    """Stands for a server that breaks a rule: the one that the query names."""
    wrong = environ["QUERY_STRING"]
    if wrong == "text":
        environ["wsgi.input"] = TextInput(environ["wsgi.input"])
    elif wrong in WRONGS:
        WRONGS[wrong](environ)
    answer = app(environ, start_response)
    return Unclosed(answer) if wrong == "unclosed" else answer


app = validator(plain)
reader = validator(reading)
