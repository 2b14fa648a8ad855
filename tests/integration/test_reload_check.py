"""HUP: the check of the configuration in a process of its own, and what it may hold against a reload."""

import os
import re
import signal

import pytest

from raw_http import get
from server_process import BINARY, children_of, is_running, processes, wait_until

COMPLETE = r"Reload complete\."
GIVEN_UP = r"Reload given up, the running configuration and workers stay: .*"
ANY_END = COMPLETE + "|" + GIVEN_UP


@pytest.fixture
def configured(server, tmp_path):
    """Starts a server with the configuration file c.py, which names all there is; `change(text)` writes another and reloads."""
    config = tmp_path / "c.py"

    class Configured:
        def __init__(self, text, *arguments, **options):
            config.write_text("wsgi_app = 'hello:app'\n" + text)
            options.setdefault("cwd", tmp_path)
            self.running = server("-c", config, *arguments, **options)
            self.running.wait_for_workers(1)

        def change(self, text, outcome=COMPLETE):
            """What the master says in the end: the first line of it."""
            before = len(re.findall(ANY_END, self.running.log))
            config.write_text("wsgi_app = 'hello:app'\n" + text)
            self.running.send_signal(signal.SIGHUP)
            said = self.running.wait_for_log(ANY_END, before + 1)[-1]
            assert re.match(outcome, said), self.running.describe()

        @property
        def log(self):
            return self.running.log

    return Configured


# What the running master holds is its own, whatever it calls itself now.


def test_a_server_whose_configuration_names_the_application_reloads(configured):
    configured("workers = 1\n", bind="127.0.0.1:8000").change("workers = 2\n")


@pytest.mark.parametrize(
    "first, second",
    [
        ("proc_name = 'one'\n", "proc_name = 'two'\n"),
        ("pidfile = 'one.pid'\n", "pidfile = 'two.pid'\n"),
        ("reuse_port = True\n", "reuse_port = True\nworkers = 2\n"),
        ("", "chdir = 'elsewhere'\n"),
    ],
    ids=["proc_name", "pidfile", "reuse_port", "chdir"],
)
def test_a_server_with_a_fixed_port_reloads_a_changed(configured, tmp_path, first, second):
    (tmp_path / "elsewhere").mkdir()
    configured(first, bind="127.0.0.1:8000").change(second)
