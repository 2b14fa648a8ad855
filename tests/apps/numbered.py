"""Answers with the path of the request, and appends it to the file RAN: what ran can be compared with what was answered."""

import os

ran = os.open(os.environ["RAN"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def app(environ, start_response):
    path = environ["PATH_INFO"].encode("latin-1")
    os.write(ran, path + b"\n")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(path)))])
    return [path]
