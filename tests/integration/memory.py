"""The memory and the descriptors of a worker, from outside."""

import os
import re

from server_process import read

MIB = 1 << 20


class Footprint:
    """What a worker has grown by since this was made."""

    def __init__(self, worker):
        self.worker = worker
        with open("/proc/%d/clear_refs" % worker, "w") as peak:
            peak.write("5")  # VmHWM begins anew: man 5 proc
        self.resident = self._bytes("VmRSS")
        self.descriptors = self._descriptors()

    def _bytes(self, name):
        return int(re.search(name + r":\s+(\d+) kB", read("/proc/%d/status" % self.worker))[1]) * 1024

    def _descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.worker))

    @property
    def growth(self):
        return self._bytes("VmRSS") - self.resident

    @property
    def peak_growth(self):
        """The most it ever was, also between two looks."""
        return self._bytes("VmHWM") - self.resident

    @property
    def new_descriptors(self):
        return self._descriptors() - self.descriptors
