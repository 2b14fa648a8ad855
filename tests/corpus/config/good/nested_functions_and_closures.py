# case: functions that make hooks, nested functions, a cached function, recursion
import functools


@functools.lru_cache(maxsize=None)
def steps(n):
    return n if n < 2 else steps(n - 1) + steps(n - 2)


def make_hook(message, counter=[0]):
    def hook(server, worker):
        counter[0] += 1
        worker.log.info("%s %d", message, counter[0])

    return hook


workers = steps(4)  #: workers
timeout = steps(10)  #: timeout
post_fork = make_hook("forked")  #: post_fork
worker_exit = make_hook("left")  #: worker_exit
