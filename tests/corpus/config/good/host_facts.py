# case: facts of the host are read: its name, the pid, the time, a random number
import os
import platform
import random
import socket
import time

hostname = socket.gethostname().split(".")[0]
started = int(time.time())
proc_name = "shop" if hostname and os.getpid() and started else "none"  #: proc_name
max_requests = 1000 + 0 * random.randint(1, 50)  #: max_requests
workers = 1 if platform.machine() == "" else 2  #: workers
