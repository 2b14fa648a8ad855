"""Applications for the cases with bodies. The path says how large the response is; a body sent is read whole."""

SIZES = {"/64k": 64 << 10, "/1m": 1 << 20, "/8m": 8 << 20}
BODIES = {path: b"x" * size for path, size in SIZES.items()}
HELLO = b"hello\n"


def app(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        environ["wsgi.input"].read()
    body = BODIES.get(environ["PATH_INFO"], HELLO)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
