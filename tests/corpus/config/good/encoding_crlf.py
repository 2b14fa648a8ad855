# case: lines that end as on Windows
import os

bind = [
    "127.0.0.1:8043",
    "127.0.0.1:8044",
]  #: bind
proc_name = '''two
lines'''.replace("\n", "-")  #: proc_name


def on_exit(server):  #: on_exit
    server.log.info(os.sep)
