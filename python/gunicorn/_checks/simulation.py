"""Answers of another host, for a configuration file that asks this one."""

import os
import socket


def pretend(cpus, user, hostname):
    """What os, multiprocessing, socket and platform say from now on; None leaves a fact as it is. For a process that ends soon."""
    if cpus is not None:
        os.cpu_count = lambda: cpus  # multiprocessing asks it
        os.sched_getaffinity = lambda pid: set(range(cpus))
        if hasattr(os, "process_cpu_count"):  # 3.13
            os.process_cpu_count = lambda: cpus
    if user is not None:
        os.getuid = os.geteuid = lambda: user
    if hostname is not None:
        socket.gethostname = lambda: hostname
        socket.getfqdn = lambda name="": name or hostname
        real = os.uname()
        facts = os.uname_result((real.sysname, hostname, *real[2:]))
        os.uname = lambda: facts  # platform.node asks it
