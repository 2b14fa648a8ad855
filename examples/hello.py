"""The smallest WSGI application.

    gunicorn --pythonpath examples -c examples/configs/minimal.py hello:app
"""


def app(environ, start_response):
    body = b"hello\n"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
