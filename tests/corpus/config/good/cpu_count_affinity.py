# case: the CPUs that this process may use, bounded below and above
import multiprocessing as mp
import os
from math import ceil

try:
    cores = len(os.sched_getaffinity(0))
except AttributeError:
    cores = mp.cpu_count()

per_core = 1.5
workers = max(2, min(ceil(per_core * cores), 2))  #: workers
threads = 2 if cores >= 1 else 1  #: threads
