"""An application wrapped in wsgiref.validate, which asserts the rules of PEP 3333 on both sides."""

from wsgiref.validate import validator


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


app = validator(plain)
reader = validator(reading)
