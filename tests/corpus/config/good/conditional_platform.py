# case: what the host offers decides
import os
import sys

if sys.platform.startswith("linux") and os.path.isdir("/dev/shm"):
    worker_tmp_dir = "/dev/shm"  #: worker_tmp_dir
else:
    worker_tmp_dir = None

if sys.version_info >= (3, 9):
    backlog = 4096  #: backlog
else:
    backlog = 1024
