"""What a reload must leave as it was, or take along: values of cfg.set(), the world of the configuration, its objects."""

import re
import signal

import pytest

from raw_http import Connection, request_bytes
from server_process import wait_until
from test_reload_configuration import GIVEN_UP, configured  # noqa: F401


def test_what_a_hook_of_a_refused_configuration_has_set_goes_with_it(configured):  # noqa: F811
    server = configured("workers = 1\n")
    server.change(
        "def fork(server, worker): server.log.info('forked by it')\n"
        "def on_reload(server):\n"
        "    server.cfg.set('workers', 3)\n"
        "    server.cfg.set('post_fork', fork)\n"
        "    raise RuntimeError('not today')\n",
        GIVEN_UP,
    )
    server.running.send_signal(signal.SIGTTIN)
    server.running.wait_for_workers(2)
    assert "forked by it" not in server.log


def test_what_a_hook_has_set_and_nobody_has_taken_does_not_reach_the_next_configuration(configured, tmp_path):  # noqa: F811
    server = configured(
        "def fork(server, worker): server.log.info('forked by the old one')\n"
        "def child_exit(server, worker):\n"
        "    server.cfg.set('post_fork', fork)\n"
        "    server.log.info('set')\n"
    )
    server.running.send_signal(signal.SIGTTIN)
    server.running.wait_for_workers(2)
    server.running.send_signal(signal.SIGTTOU)
    server.running.wait_for_log("set$")
    server.change("workers = 1\n")
    assert "forked by the old one" not in server.log
    assert server.get("A") == "-"


def test_an_old_worker_has_its_own_cfg_after_its_configuration_has_gone(configured, gate):  # noqa: F811
    server = configured("timeout = 40\n", app="gate:app", env=gate.env)
    with Connection(server.running.address) as inside:
        inside.send(request_bytes("/wait/one"))
        gate.wait_for()
        exits = "def child_exit(server, worker): server.log.info('%d exits with %d', worker.age, worker.cfg.timeout)\n"
        server.change("timeout = 41\n" + exits)
        gate.open()
        assert inside.read_response().status == 200
    server.running.wait_for_log("1 exits with 40")


@pytest.mark.parametrize("preload", [False, True])
def test_the_objects_of_a_configuration_go_with_it(configured, tmp_path, preload):  # noqa: F811
    gone = tmp_path / "gone"
    text = """
import os
class Mark:
    def __del__(self):
        with open(%r, "a") as file:
            print(os.getpid(), file=file)
mark = Mark()
def post_fork(server, worker): mark
def pre_fork(server, worker): worker
preload_app = %r
""" % (str(gone), preload)
    server = configured(text)
    for count in (1, 2):
        server.change(text + "# %d\n" % count)
        master = "%d\n" % server.running.pid
        wait_until(lambda: gone.exists() and gone.read_text().count(master) == count, "the end of the old objects")


WORLD = """
import os, sys
os.environ["KIND"] = %r
os.environ["HOST_SAYS"] = "ours"
sys.path.insert(0, "/nowhere/%s")
def on_starting(server):
    os.environ["LATER"] = "stays"
def on_reload(server):
    server.log.info("path %%d", len(sys.path))
"""


def test_what_a_configuration_file_makes_of_the_environment_is_undone_before_the_next_is_read(configured):  # noqa: F811
    server = configured(WORLD % ("first", "first"), env={"HOST_SAYS": "theirs"})
    assert server.get("KIND&HOST_SAYS") == "first ours"
    check = "import os, sys\nassert 'KIND' not in os.environ and os.environ['HOST_SAYS'] == 'theirs'\n"
    check += "assert not any('nowhere' in folder for folder in sys.path)\n"
    server.change(check)
    assert server.get("KIND&HOST_SAYS&LATER") == "- theirs stays"


def test_a_refused_configuration_leaves_environment_and_path_as_they_were(configured):  # noqa: F811
    server = configured(WORLD % ("first", "first"))
    server.change(WORLD % ("second", "second") + "raw_env = ['KIND=third']\ndef on_reload(server): raise ValueError\n", GIVEN_UP)
    server.running.send_signal(signal.SIGTTIN)
    server.running.wait_for_workers(2)
    server.change(WORLD % ("first", "first"))
    server.change(WORLD % ("first", "first") + "# again\n")
    assert server.get("KIND&LATER") == "first stays"
    assert len(set(re.findall(r"path (\d+)", server.log))) == 1, "sys.path does not grow"


def test_the_module_of_a_logger_class_is_read_anew(configured, tmp_path):  # noqa: F811
    logger = "import gunicorn.glogging\nclass L(gunicorn.glogging.Logger):\n    version = %r\n"
    (tmp_path / "mylog.py").write_text(logger % "1st")
    text = "logger_class = 'mylog.L'\ndef on_reload(server): server.log.info('logger %s', server.log.version)\n"
    server = configured(text)
    (tmp_path / "mylog.py").write_text(logger % "second")
    server.change(None)
    assert "logger second" in server.log
