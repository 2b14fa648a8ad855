# case: hooks behind decorators, with and without wraps
import contextlib
import functools
import time


def timed(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        started = time.monotonic()
        try:
            return function(*arguments)
        finally:
            arguments[0].log.debug("%s: %.3f", function.__name__, time.monotonic() - started)

    return wrapper


def quietly(*exceptions):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(server, worker):
            with contextlib.suppress(*exceptions):
                function(server, worker)

        return wrapper

    return decorate


@timed
def when_ready(server):  #: when_ready
    server.log.info("ready")


@quietly(OSError, ValueError)
def post_fork(server, worker):  #: post_fork
    worker.log.info("forked")
