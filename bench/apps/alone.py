"""Calls the application of BENCH_APP in a loop for QUERY_STRING seconds, and answers with µs of CPU per call.

It runs in the interpreter of the server under test: the difference to the served application is the server's cost.
"""

import importlib
import os
import time

module, name = os.environ["BENCH_APP"].split(":")
target = getattr(importlib.import_module(module), name)


def ignore(status, headers, exc_info=None):
    return lambda data: None


def call(environ):
    result = target(environ, ignore)
    for _ in result:
        pass
    close = getattr(result, "close", None)
    if close:
        close()


def app(environ, start_response):
    template = dict(environ, QUERY_STRING="")
    end = time.monotonic() + float(environ["QUERY_STRING"])
    calls = 0
    used = time.thread_time_ns()
    while calls == 0 or time.monotonic() < end:
        for _ in range(100):
            call(dict(template))
        calls += 100
    body = b"%.2f" % ((time.thread_time_ns() - used) / 1000 / calls)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
