# case: the hooks of metrics in several processes, with a folder of their own
import os
import shutil
import tempfile

_folder = os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", os.path.join(tempfile.gettempdir(), "corpus-metrics"))


def on_starting(server):  #: on_starting
    shutil.rmtree(_folder, ignore_errors=True)
    os.makedirs(_folder, exist_ok=True)


def child_exit(server, worker):  #: child_exit
    try:
        from prometheus_client import multiprocess
    except ImportError:
        return
    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):  #: on_exit
    shutil.rmtree(_folder, ignore_errors=True)
