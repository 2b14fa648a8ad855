# case: a setting is bound again to the same object: the later line counts
import os

workers = 4
loglevel = "info"
timeout = 30
if os.name == "posix":
    workers = 4  #: workers
    loglevel = "info"  #: loglevel
    timeout = 30  #: timeout
for _ in range(3):
    keepalive = 2  #: keepalive
