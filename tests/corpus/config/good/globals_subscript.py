# case: settings written through globals()
import string

for position, letter in enumerate(string.ascii_lowercase[:3]):
    globals()["_unused_" + letter] = position

globals()["workers"] = 3  #: workers
globals()["time" + "out"] = 45  #: timeout
vars()["keepalive"] = 6  #: keepalive
