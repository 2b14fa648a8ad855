"""Says how many objects the garbage collector leaves alone, and what became of an object of the import."""

import gc
import itertools
import os

numbers = itertools.count()
ring = {}
ring["itself"] = ring


def app(environ, start_response):
    gc.collect()
    intact = ring["itself"] is ring
    text = "%d %d %d %s" % (os.getpid(), gc.get_freeze_count(), next(numbers), intact)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text.encode()]
