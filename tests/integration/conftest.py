"""Process tests: the real binary over real sockets, signals and files.

GN_BINARY names the binary (default: build/dev, else build/release), GN_PACKAGE the folder of the Python package that a plain
`python -m gunicorn` loads.
"""

import itertools
import os
import re
import signal

import pytest

from gate import Gate
from server_process import NEW_MASTER_IS_READY, Run, ServerProcess, end


class Starter:
    """Starts servers and discards them at the end, also after a failure."""

    def __init__(self, folder):
        self.folder = folder
        self.started = []
        self.numbers = itertools.count()

    def __call__(self, *arguments, **options):
        """A server that listens."""
        return self.launch(*arguments, **options).wait_until_listening()

    def launch(self, *arguments, **options):
        """A server that nobody has waited for."""
        options.setdefault("cwd", self.folder)
        server = ServerProcess(self.folder / ("run%d" % next(self.numbers)), *arguments, **options)
        self.started.append(server)
        return server

    def discard_all(self):
        problems = []
        for server in self.started:
            try:
                server.discard()
            except AssertionError as error:
                problems.append(str(error))
        assert not problems, "\n".join(problems)


@pytest.fixture
def server(tmp_path):
    starter = Starter(tmp_path)
    yield starter
    starter.discard_all()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """For tests that only send requests: one server of a kind for a whole module."""
    starter = Starter(tmp_path_factory.mktemp("shared"))
    running = {}

    def start(*arguments, **options):
        key = (arguments, tuple(sorted(options.items())))
        if key not in running or running[key].process.poll() is not None:
            running[key] = starter(*arguments, **options)
        return running[key]

    yield start
    starter.discard_all()


@pytest.fixture
def run(server):
    """Runs a command that ends by itself, by default without --bind."""

    def command(*arguments, **options):
        options.setdefault("bind", None)
        return Run(server.launch(*arguments, **options))

    return command


@pytest.fixture
def gate(tmp_path):
    folder = tmp_path / "gate"
    folder.mkdir()
    return Gate(folder)


WORKER_KINDS = {"sync": ("--worker-class", "sync"), "gthread": ("--worker-class", "gthread", "--threads", "2")}


@pytest.fixture(scope="module", params=list(WORKER_KINDS))
def worker_kind(request):
    """Arguments of each worker class that serves."""
    return WORKER_KINDS[request.param]


@pytest.fixture
def upgrade(server):
    """Sends USR2, answers the pid of the new master once it is ready, and ends it after the test."""
    masters = []

    def send(running, master=None):
        known = len(re.findall(NEW_MASTER_IS_READY, running.log))
        os.kill(master or running.pid, signal.SIGUSR2)
        masters.append(int(running.wait_for_log(NEW_MASTER_IS_READY, known + 1)[-1]))
        return masters[-1]

    yield send
    for pid in masters:
        end(pid)
