"""Answers with what the application sees: the environ as JSON, and the body that was read."""

import hashlib
import json
import os
import threading


def app(environ, start_response):
    body = environ["wsgi.input"].read()
    seen = {key: value if isinstance(value, (str, bool, int)) else repr(value) for key, value in environ.items()}
    answer = {
        "environ": seen,
        "types": {key: type(value).__name__ for key, value in environ.items()},
        "version": list(environ["wsgi.version"]),
        "body_length": len(body),
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "pid": os.getpid(),
        "thread_is_main": threading.current_thread() is threading.main_thread(),
    }
    text = json.dumps(answer).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
    return [text]
