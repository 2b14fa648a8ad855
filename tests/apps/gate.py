"""Requests that last as long as a test wants, without a clock: /wait/NAME says that it began by making NAME.began in the
folder GATE, and answers when NAME.open is there; /begin/NAME does so behind the first bytes of its answer. /large gives 16 MiB,
/whole 8 MiB in one piece, /endless goes on for ever, /slow-endless as well, with 0.3 s for each piece.
Any other path answers with the pid at once."""

import os
import time

DEADLINE = 60.0


def path(name):
    return os.path.join(os.environ["GATE"], name)


def wait_at_gate(name):
    with open(path(name + ".began"), "w") as note:
        note.write(str(os.getpid()))
    end = time.monotonic() + DEADLINE
    while not os.path.exists(path(name + ".open")) and time.monotonic() < end:
        time.sleep(0.01)


def answer_in_two_parts(name):
    yield b"first"
    wait_at_gate(name)
    yield b"second"


def endless(seconds):
    while True:
        time.sleep(seconds)
        yield bytes(8 << 20)


def app(environ, start_response):
    words = environ["PATH_INFO"].strip("/").split("/")
    if words[0] == "wait":
        wait_at_gate(words[1])
    elif words[0] == "begin":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return answer_in_two_parts(words[1])
    elif words[0] in ("endless", "slow-endless"):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return endless(0.3 if words[0] == "slow-endless" else 0)
    elif words[0] == "whole":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [bytes(8 << 20)]
    elif words[0] == "large":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (bytes(1 << 20) for _ in range(16))
    elif words[0] == "hang":
        with open(path("hang.began"), "w") as note:
            note.write(str(os.getpid()))
        while True:
            time.sleep(0.05)
    text = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
