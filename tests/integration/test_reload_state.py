"""What a reload must leave as it was, or take along: values of cfg.set(), the world of the configuration, its objects."""

import os
import signal

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
