"""What a server and all its processes have used, as the kernel counts it."""

import dataclasses
import pathlib
import re


@dataclasses.dataclass(frozen=True)
class Cpu:
    seconds: float  # the scheduler's nanoseconds
    user: int  # clock ticks; only their relation means something in a short round
    system: int

    def __sub__(self, other):
        return Cpu(self.seconds - other.seconds, self.user - other.user, self.system - other.system)


@dataclasses.dataclass(frozen=True)
class Memory:
    rss: float  # MB
    pss: float


def _stat(pid):
    return pathlib.Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()


def tree(root):
    """The process and its descendants, parents first."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                children.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
            except OSError:
                continue
    found = [root]
    for pid in found:
        found.extend(sorted(children.get(pid, ())))
    return found


def cpu(root):
    nanoseconds = user = system = 0
    for pid in tree(root):
        try:
            for task in pathlib.Path("/proc/%d/task" % pid).iterdir():
                nanoseconds += int((task / "schedstat").read_text().split()[0])
            fields = _stat(pid)
            user += int(fields[11])
            system += int(fields[12])
        except OSError:
            continue
    return Cpu(nanoseconds / 1e9, user, system)


def memory(pid):
    text = pathlib.Path("/proc/%d/smaps_rollup" % pid).read_text()
    return Memory(*(int(re.search(r"^%s:\s+(\d+) kB" % name, text, re.M).group(1)) / 1024 for name in ("Rss", "Pss")))


def total_pss(root):
    return sum(memory(pid).pss for pid in tree(root))
