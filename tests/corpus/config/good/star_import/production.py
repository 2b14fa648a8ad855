# case: a base configuration is imported with a star, then overridden
from base import *  #: backlog, keepalive, on_exit, worker_exit

workers = 8  #: workers
timeout = timeout * 2  #: timeout
