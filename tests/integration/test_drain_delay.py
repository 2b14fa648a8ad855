"""drain_delay: after TERM the server goes on accepting for a while, and its responses close their connections."""

import os
import signal

import pytest

from raw_http import Connection, get
from server_process import wait_until

DRAINING = r"\[INFO\] Draining: accepting for another \d+ s"


@pytest.fixture
def draining(server, worker_kind):
    """A server that had TERM, with a connection that was kept before."""

    def start(seconds, *arguments):
        running = server(*worker_kind, "--keep-alive", "60", "--drain-delay", str(seconds), *arguments, "kinds:app")
        kept = Connection(running.address)
        assert kept.get("/pid").keeps_alive
        running.send_signal(signal.SIGTERM)
        running.wait_for_log(DRAINING)
        return running, kept

    return start


def test_new_and_kept_connections_are_served_and_closed_until_the_delay_is_over(draining):
    running, kept = draining(2)
    with kept:
        assert kept.get("/pid").get("Connection") == "close"
        kept.assert_closed()
    with Connection(running.address) as new:
        response = new.get("/pid")
        assert (response.status, response.get("Connection")) == (200, "close")
    assert running.wait() == 0
    assert "SIGKILL" not in running.log


def test_a_worker_that_dies_meanwhile_is_replaced_and_closes_connections_too(draining):
    running, kept = draining(600)
    kept.close()
    (worker,) = running.workers()
    os.kill(worker, signal.SIGKILL)
    running.wait_for_log("Booting worker", 2)
    with Connection(running.address) as new:
        assert new.get("/pid").get("Connection") == "close"
    assert running.stop() == 0


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_another_signal_cuts_the_delay_short(draining, signo):
    running, kept = draining(600)
    kept.close()
    assert running.stop(signo) == 0


def test_int_does_not_wait_for_the_delay(server):
    running = server("--drain-delay", "600", "hello:app")
    assert get(running.address).status == 200
    assert running.stop(signal.SIGINT) == 0
    assert "Draining" not in running.log


def test_hup_changes_nothing_while_the_server_drains(draining):
    running, kept = draining(600)
    kept.close()
    running.send_signal(signal.SIGHUP)
    running.send_signal(signal.SIGTTIN)
    wait_until(lambda: len(running.boots()) == 2, "one more worker")
    assert "Hang up" not in running.log
    assert running.stop() == 0
