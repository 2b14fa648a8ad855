"""Requests that last as long as a test wants, without a clock: /wait/NAME says that it began by making NAME.began in the
folder GATE, and answers when NAME.open is there. Any other path answers with the pid at once."""

import os
import time

DEADLINE = 60.0


def path(name):
    return os.path.join(os.environ["GATE"], name)


def app(environ, start_response):
    words = environ["PATH_INFO"].strip("/").split("/")
    if words[0] == "wait":
        with open(path(words[1] + ".began"), "w") as note:
            note.write(str(os.getpid()))
        end = time.monotonic() + DEADLINE
        while not os.path.exists(path(words[1] + ".open")) and time.monotonic() < end:
            time.sleep(0.01)
    elif words[0] == "hang":
        with open(path("hang.began"), "w") as note:
            note.write(str(os.getpid()))
        while True:
            time.sleep(0.05)
    text = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
