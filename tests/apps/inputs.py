"""Uses wsgi.input in every way, beside an io.BytesIO with the same bytes that says what is right."""

import io
import json

SIZES = [0, 1, 2, 7, 100, -1, -5, None, 10**9, 10**30]
SCRIPTS = (
    [[("read", size)] * 3 for size in SIZES]
    + [[("readline", size)] * 4 for size in SIZES]
    + [[("readlines", size)] * 2 for size in SIZES]
    + [
        [("read", 3), ("readline", None), ("next", None), ("readlines", 1), ("read", None), ("read", None)],
        [("readline", 5), ("read", 0), ("next", None), ("next", None), ("list", None), ("readline", None)],
        [("read", 10**6), ("next", None), ("readlines", None)],
        [("list", None), ("read", None), ("list", None)],
    ]
)


def step(stream, name, size):
    if name == "next":
        return next(stream, b"end")
    if name == "list":
        return list(stream)
    return getattr(stream, name)() if size is None else getattr(stream, name)(size)


class Copy(io.BytesIO):
    """BytesIO refuses numbers beyond ssize_t, which no limit can be."""

    def read(self, size=-1):
        return super().read(min(size, 2**60))

    def readline(self, size=-1):
        return super().readline(min(size, 2**60))

    def readlines(self, hint=-1):
        return super().readlines(min(hint, 2**60))


KEPT = []


def app(environ, start_response):
    answer = {"wrong": []}
    stream = environ["wsgi.input"]
    script = SCRIPTS[int(environ["QUERY_STRING"])] if environ["QUERY_STRING"] else []
    right = Copy(eval(environ["HTTP_X_BODY"], {}))
    for name, size in script:
        expected, got = step(right, name, size), step(stream, name, size)
        if expected != got:
            answer["wrong"].append("%s(%s): %r, not %r" % (name, size, got[:50], expected[:50]))
    for name in ("read", "readline", "readlines"):
        for bad in ("1", 1.5, b"1"):
            try:
                getattr(stream, name)(bad)
            except TypeError:
                continue
            answer["wrong"].append("%s(%r) is accepted" % (name, bad))
    if environ["PATH_INFO"] == "/kept":
        KEPT.append(stream)
        answer["kept"] = [kept.read().decode() for kept in KEPT[:-1]]
    answer["length"] = environ.get("CONTENT_LENGTH")
    answer["coding"] = environ.get("HTTP_TRANSFER_ENCODING")
    answer["terminated"] = environ["wsgi.input_terminated"]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
