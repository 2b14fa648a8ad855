"""Counts what it was asked to close: /counts answers with the iterables that were made and the calls of close(), /stream with
more than any buffer takes, /wait/NAME as gate does; anything else with a little. All but /counts take the body first."""

import threading

import gate

PIECE = b"p" * 65536
counting = threading.Lock()
made = closed = 0


class Counted:
    def __init__(self, pieces):
        global made
        with counting:
            made += 1
        self.pieces = iter(pieces)

    def __iter__(self):
        return self.pieces

    def close(self):
        global closed
        with counting:
            closed += 1


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path.startswith("/wait/"):
        return Counted(gate.app(environ, start_response))
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/counts":
        return [b"%d %d" % (made, closed)]
    environ["wsgi.input"].read()
    return Counted([PIECE] * 1000 if path == "/stream" else [b"little"])
