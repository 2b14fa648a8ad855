# case: a setting is bound again to the same object: the later line counts
workers = 4
workers = 4  #: workers
loglevel = "info"
if True:
    loglevel = "info"  #: loglevel
default = 30
timeout = default
timeout = default  #: timeout
for _ in range(3):
    keepalive = 2  #: keepalive
