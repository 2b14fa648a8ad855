# case: the file runs code that sets a trace function of its own
import sys

_seen = []
_before = sys.gettrace()
sys.settrace(lambda frame, event, argument: _seen.append(event))


def observed():
    return 2


threads = observed()  #: threads
sys.settrace(_before)
timeout = 54  #: timeout
workers = 3  #: workers
