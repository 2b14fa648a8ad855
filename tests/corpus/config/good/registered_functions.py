# case: functions that a decorator registers, called by one hook
CALLBACKS = []


def at_fork(function):
    CALLBACKS.append(function)
    return function


@at_fork
def seed_random(server, worker):
    import random

    random.seed(worker.pid)


@at_fork
def name_process(server, worker):
    worker.log.debug("worker %s", worker.pid)


def post_fork(server, worker):  #: post_fork
    for callback in CALLBACKS:
        callback(server, worker)
