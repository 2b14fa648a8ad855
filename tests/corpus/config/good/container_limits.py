# case: the memory limit of a control group is read, where there is one
from pathlib import Path


def first_number(*paths, default):
    for path in paths:
        try:
            text = Path(path).read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            return int(text)
    return default


_memory = first_number(
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    default=8 << 30,
)
_per_worker = 1 << 20
workers = max(1, min(3, _memory // _per_worker))  #: workers
worker_tmp_dir = "/dev/shm"  #: worker_tmp_dir
