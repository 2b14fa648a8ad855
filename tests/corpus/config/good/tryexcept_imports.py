# case: an optional module is imported, a module of the standard library stands in
try:
    import ujson_fast_maybe as json
except ImportError:
    import json

try:
    from setproctitle_maybe import setproctitle
except ImportError:
    setproctitle = None
else:
    setproctitle("x")
finally:
    workers = json.loads("4")  #: workers

try:
    timeout = int("not a number")
except ValueError:
    timeout = 32  #: timeout
