"""Answers with what it was asked: the method, the target as it was sent, and the body."""


def app(environ, start_response):
    body = environ["wsgi.input"].read()
    answer = (environ["REQUEST_METHOD"] + " " + environ["RAW_URI"]).encode("latin-1") + b"[" + body + b"]"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]
