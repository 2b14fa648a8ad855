"""What a logger receives for a request that never met the application: refused, failed, or given up by its client."""

from gunicorn import glogging
from gunicorn.http.message import Request
from gunicorn.http.wsgi import Response


def log(logger, texts, status, sent, seconds, asked, answered):
    """Called by the native core. `asked` and `answered` are the fields of request and response, as far as there are any."""
    client, method, target, path, query, protocol, reason = texts
    request = Request(
        method, target, path, query, "", _version(protocol), [(name.upper(), value) for name, value in asked], None, "http",
        (client, 0), (client, 0), None, True,
    )  # fmt: skip
    response = Response(request, ("%d %s" % (status, reason)).strip(), status, answered, None, sent, True)
    glogging._native_access(logger, response, request, _environ(request, client, protocol), seconds)


def _version(protocol):
    numbers = protocol.rpartition("/")[2].split(".")
    return tuple(map(int, numbers)) if len(numbers) == 2 and all(map(str.isdigit, numbers)) else (1, 1)


def _environ(request, client, protocol):
    environ = {
        "REQUEST_METHOD": request.method,
        "RAW_URI": request.uri,
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query,
        "SERVER_PROTOCOL": protocol,
        "REMOTE_ADDR": client,
    }
    for name, value in request.headers:
        key = name.replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key
        environ[key] = environ[key] + "," + value if key in environ else value
    return environ
