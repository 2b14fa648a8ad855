# case: capitals, underscores, helper objects, deleted loop variables and a summary that is printed
import json

DEBUG = False
DEFAULT_HOST = "127.0.0.1"
_port = 8040

use_threads = not DEBUG
log_data = {"host": DEFAULT_HOST, "threads": use_threads}
bind = "{}:{}".format(DEFAULT_HOST, _port)  #: bind
threads = 2 if use_threads else 1  #: threads
print(json.dumps(log_data))
for index in range(3):
    square = index * index
print(square)
