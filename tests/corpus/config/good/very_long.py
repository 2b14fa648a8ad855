# case: a file of several hundred lines, as grown over years
"""Configuration of the ticket service. Every section says who may change it."""

import logging
import os
import sys
import threading
import traceback

# ---------------------------------------------------------------------------------------------------------- helpers

BASE = os.path.dirname(os.path.abspath(__file__))


def number(name, default, lowest=0, highest=1_000_000):
    """A number of the environment between two bounds."""
    try:
        value = int(os.environ.get("TICKETS_" + name, default))
    except ValueError:
        value = default
    return max(lowest, min(highest, value))


def switch(name, default=False):
    return os.environ.get("TICKETS_" + name, str(default)).lower() in ("1", "true", "on", "yes")


def check_01(server):
    """Startup check 1 of 30."""
    limit = number("CHECK_01", 10)
    if limit > 100:
        server.log.warning("check 1: %d is above 100", limit)
        return False
    return True


def check_02(server):
    """Startup check 2 of 30."""
    limit = number("CHECK_02", 20)
    if limit > 200:
        server.log.warning("check 2: %d is above 200", limit)
        return False
    return True


def check_03(server):
    """Startup check 3 of 30."""
    limit = number("CHECK_03", 30)
    if limit > 300:
        server.log.warning("check 3: %d is above 300", limit)
        return False
    return True


def check_04(server):
    """Startup check 4 of 30."""
    limit = number("CHECK_04", 40)
    if limit > 400:
        server.log.warning("check 4: %d is above 400", limit)
        return False
    return True


def check_05(server):
    """Startup check 5 of 30."""
    limit = number("CHECK_05", 50)
    if limit > 500:
        server.log.warning("check 5: %d is above 500", limit)
        return False
    return True


def check_06(server):
    """Startup check 6 of 30."""
    limit = number("CHECK_06", 60)
    if limit > 600:
        server.log.warning("check 6: %d is above 600", limit)
        return False
    return True


def check_07(server):
    """Startup check 7 of 30."""
    limit = number("CHECK_07", 70)
    if limit > 700:
        server.log.warning("check 7: %d is above 700", limit)
        return False
    return True


def check_08(server):
    """Startup check 8 of 30."""
    limit = number("CHECK_08", 80)
    if limit > 800:
        server.log.warning("check 8: %d is above 800", limit)
        return False
    return True


def check_09(server):
    """Startup check 9 of 30."""
    limit = number("CHECK_09", 90)
    if limit > 900:
        server.log.warning("check 9: %d is above 900", limit)
        return False
    return True


def check_10(server):
    """Startup check 10 of 30."""
    limit = number("CHECK_10", 100)
    if limit > 1000:
        server.log.warning("check 10: %d is above 1000", limit)
        return False
    return True


def check_11(server):
    """Startup check 11 of 30."""
    limit = number("CHECK_11", 110)
    if limit > 1100:
        server.log.warning("check 11: %d is above 1100", limit)
        return False
    return True


def check_12(server):
    """Startup check 12 of 30."""
    limit = number("CHECK_12", 120)
    if limit > 1200:
        server.log.warning("check 12: %d is above 1200", limit)
        return False
    return True


def check_13(server):
    """Startup check 13 of 30."""
    limit = number("CHECK_13", 130)
    if limit > 1300:
        server.log.warning("check 13: %d is above 1300", limit)
        return False
    return True


def check_14(server):
    """Startup check 14 of 30."""
    limit = number("CHECK_14", 140)
    if limit > 1400:
        server.log.warning("check 14: %d is above 1400", limit)
        return False
    return True


def check_15(server):
    """Startup check 15 of 30."""
    limit = number("CHECK_15", 150)
    if limit > 1500:
        server.log.warning("check 15: %d is above 1500", limit)
        return False
    return True


def check_16(server):
    """Startup check 16 of 30."""
    limit = number("CHECK_16", 160)
    if limit > 1600:
        server.log.warning("check 16: %d is above 1600", limit)
        return False
    return True


def check_17(server):
    """Startup check 17 of 30."""
    limit = number("CHECK_17", 170)
    if limit > 1700:
        server.log.warning("check 17: %d is above 1700", limit)
        return False
    return True


def check_18(server):
    """Startup check 18 of 30."""
    limit = number("CHECK_18", 180)
    if limit > 1800:
        server.log.warning("check 18: %d is above 1800", limit)
        return False
    return True


def check_19(server):
    """Startup check 19 of 30."""
    limit = number("CHECK_19", 190)
    if limit > 1900:
        server.log.warning("check 19: %d is above 1900", limit)
        return False
    return True


def check_20(server):
    """Startup check 20 of 30."""
    limit = number("CHECK_20", 200)
    if limit > 2000:
        server.log.warning("check 20: %d is above 2000", limit)
        return False
    return True


def check_21(server):
    """Startup check 21 of 30."""
    limit = number("CHECK_21", 210)
    if limit > 2100:
        server.log.warning("check 21: %d is above 2100", limit)
        return False
    return True


def check_22(server):
    """Startup check 22 of 30."""
    limit = number("CHECK_22", 220)
    if limit > 2200:
        server.log.warning("check 22: %d is above 2200", limit)
        return False
    return True


def check_23(server):
    """Startup check 23 of 30."""
    limit = number("CHECK_23", 230)
    if limit > 2300:
        server.log.warning("check 23: %d is above 2300", limit)
        return False
    return True


def check_24(server):
    """Startup check 24 of 30."""
    limit = number("CHECK_24", 240)
    if limit > 2400:
        server.log.warning("check 24: %d is above 2400", limit)
        return False
    return True


def check_25(server):
    """Startup check 25 of 30."""
    limit = number("CHECK_25", 250)
    if limit > 2500:
        server.log.warning("check 25: %d is above 2500", limit)
        return False
    return True


def check_26(server):
    """Startup check 26 of 30."""
    limit = number("CHECK_26", 260)
    if limit > 2600:
        server.log.warning("check 26: %d is above 2600", limit)
        return False
    return True


def check_27(server):
    """Startup check 27 of 30."""
    limit = number("CHECK_27", 270)
    if limit > 2700:
        server.log.warning("check 27: %d is above 2700", limit)
        return False
    return True


def check_28(server):
    """Startup check 28 of 30."""
    limit = number("CHECK_28", 280)
    if limit > 2800:
        server.log.warning("check 28: %d is above 2800", limit)
        return False
    return True


def check_29(server):
    """Startup check 29 of 30."""
    limit = number("CHECK_29", 290)
    if limit > 2900:
        server.log.warning("check 29: %d is above 2900", limit)
        return False
    return True


def check_30(server):
    """Startup check 30 of 30."""
    limit = number("CHECK_30", 300)
    if limit > 3000:
        server.log.warning("check 30: %d is above 3000", limit)
        return False
    return True


CHECKS = [
    check_01,
    check_02,
    check_03,
    check_04,
    check_05,
    check_06,
    check_07,
    check_08,
    check_09,
    check_10,
    check_11,
    check_12,
    check_13,
    check_14,
    check_15,
    check_16,
    check_17,
    check_18,
    check_19,
    check_20,
    check_21,
    check_22,
    check_23,
    check_24,
    check_25,
    check_26,
    check_27,
    check_28,
    check_29,
    check_30,
]

# ---------------------------------------------------------------------------------------------------------- sockets

port = number("PORT", 8045, lowest=1, highest=65535)
bind = ["127.0.0.1:%d" % port]  #: bind
backlog = number("BACKLOG", 1024)  #: backlog

# ---------------------------------------------------------------------------------------------------------- workers

workers = number("WORKERS", 4, lowest=1)  #: workers
threads = number("THREADS", 8, lowest=1)  #: threads
worker_class = "gthread" if threads > 1 else "sync"  #: worker_class
timeout = number("TIMEOUT", 90)
graceful_timeout = timeout // 3  #: graceful_timeout
keepalive = 5  #: keepalive
max_requests = number("MAX_REQUESTS", 5000)  #: max_requests
max_requests_jitter = max_requests // 20  #: max_requests_jitter
preload_app = switch("PRELOAD")  #: preload_app

# ---------------------------------------------------------------------------------------------------------- logging

accesslog = "-"  #: accesslog
errorlog = "-"  #: errorlog
loglevel = os.environ.get("TICKETS_LOG_LEVEL", "info")  #: loglevel
access_log_format = (
    '{"time": "%(t)s", "client": "%(h)s", "line": "%(r)s", '
    '"status": "%(s)s", "bytes": "%(B)s", "seconds": "%(L)s", '
    '"agent": "%(a)s", "pid": "%(p)s"}'
)  #: access_log_format

# ------------------------------------------------------------------------------------------------------------ hooks


def on_starting(server):  #: on_starting
    failed = [check.__name__ for check in CHECKS if not check(server)]
    if failed:
        server.log.error("failed: %s", ", ".join(failed))
        sys.exit(1)


def post_fork(server, worker):  #: post_fork
    logging.getLogger("tickets").info("worker %s", worker.pid)


def worker_abort(worker):  #: worker_abort
    for thread in threading.enumerate():
        frame = sys._current_frames().get(thread.ident)
        if frame is not None:
            worker.log.error("%s", "".join(traceback.format_stack(frame)))


# ---------------------------------------------------------------------------------------------------- local changes

if os.path.exists(os.path.join(BASE, "local.conf.py")):
    with open(os.path.join(BASE, "local.conf.py")) as _local:
        exec(_local.read())

timeout = min(timeout, 80)  #: timeout
