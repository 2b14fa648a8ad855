# case: the worker formula of the manual, with the count kept away from the host
import multiprocessing

workers = min(multiprocessing.cpu_count() * 2 + 1, 2)  #: workers
worker_class = "sync"  #: worker_class
timeout = 120  #: timeout
