"""Large responses that are made piece by piece, each in a context of its own.

/stream?NAME sets a context variable for the length of its generator, as Flask's stream_with_context does, and says in each piece
of 1 MiB what the variable holds and in which thread it was made. /flask?NAME is that function itself. /leak answers with what the
request before has left in a variable. Anything else: hello."""

import contextvars
import threading

import flask

SIZE = 1 << 20
PIECES = 6
name = contextvars.ContextVar("name", default="nobody")
leaked = contextvars.ContextVar("leaked", default="nothing")
flask_app = flask.Flask(__name__)


def piece(text):
    return text.encode().ljust(SIZE - 1) + b"\n"


def pieces(wanted):
    token = name.set(wanted)
    for _ in range(PIECES):
        yield piece("%s %d" % (name.get(), threading.get_ident()))
    name.reset(token)


@flask_app.route("/flask")
def from_flask():
    def made():
        for _ in range(PIECES):
            yield piece("%s %d" % (flask.request.query_string.decode(), threading.get_ident()))

    return flask.Response(flask.stream_with_context(made()), headers={"Content-Length": SIZE * PIECES})


def app(environ, start_response):
    if environ["PATH_INFO"] == "/flask":
        return flask_app(environ, start_response)
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/stream":
        return pieces(environ["QUERY_STRING"])
    if environ["PATH_INFO"] == "/leak":
        before = leaked.get()
        leaked.set("something")
        return [before.encode()]
    return [b"hello"]
