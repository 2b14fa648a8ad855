"""What a service manager is told over NOTIFY_SOCKET (sd_notify(3))."""

import os
import signal
import time

import pytest

from raw_http import get
from service_manager import ServiceManager

# Imports when the test says so: the file boot.open is there.
SLOW_APP = "from gate import wait_at_gate\nwait_at_gate('boot')\nfrom hello import app\n"


@pytest.fixture
def manager(tmp_path):
    listening = ServiceManager(tmp_path / "notify")
    yield listening
    listening.close()


def start(server, manager, *arguments, **variables):
    """A server that has said READY=1."""
    running = server(*arguments, env={"NOTIFY_SOCKET": manager.name, **variables})
    manager.wait_for("READY")
    return running


@pytest.mark.parametrize("form", ["path", "abstract"])
def test_the_service_is_ready_when_a_worker_serves(server, tmp_path, gate, form):
    manager = ServiceManager(tmp_path / "notify" if form == "path" else "@gunicorn-test-%d" % os.getpid())
    (tmp_path / "slow.py").write_text(SLOW_APP)
    try:
        running = server("slow:app", env={"NOTIFY_SOCKET": manager.name, **gate.env})
        gate.wait_for("boot")
        assert manager.wait_for("STATUS") == {"STATUS": "0 of 1 worker ready"}
        gate.open("boot")
        manager.wait_for("READY")
        assert not any("READY" in message for message in manager.messages[:-1])
        assert manager.messages[-1] == {"READY": "1", "STATUS": "1 worker"}
        assert get(running.address).status == 200
        running.stop()
        manager.wait_for("STOPPING")
        assert manager.senders == {running.pid}, "workers never speak"
    finally:
        manager.close()


def test_a_server_without_workers_is_ready_at_once(server, manager):
    start(server, manager, "--workers", "0", "hello:app")
    assert manager.messages[-1] == {"READY": "1", "STATUS": "0 workers"}


def test_an_application_that_does_not_load_is_never_ready(server, manager):
    running = server.launch("raises_at_import:app", env={"NOTIFY_SOCKET": manager.name})
    assert running.wait() == 3
    manager.wait_for("STOPPING")
    assert not any("READY" in message for message in manager.messages)


def test_changes_of_the_number_of_workers_are_told(server, manager):
    running = start(server, manager, "hello:app")
    running.send_signal(signal.SIGTTIN)
    manager.wait_for("STATUS", "2 workers")
    running.send_signal(signal.SIGTTOU)
    manager.wait_for("STATUS", "1 worker")


def test_a_reload_is_announced_with_its_time_and_ends_with_ready(server, manager):
    running = start(server, manager, "--workers", "2", "hello:app")
    running.wait_for_workers(2)
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    running.send_signal(signal.SIGHUP)
    began = manager.wait_for("RELOADING", "1")
    assert before <= int(began["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert manager.wait_for("READY")["STATUS"] == "Reload complete; 2 workers"


def test_a_reload_that_is_given_up_leaves_the_service_ready(server, manager, tmp_path):
    (tmp_path / "mine.py").write_text("from hello import app\n")
    running = start(server, manager, "mine:app")
    (tmp_path / "mine.py").write_text("raise RuntimeError('no')\n")
    running.send_signal(signal.SIGHUP)
    manager.wait_for("RELOADING", "1")
    assert manager.wait_for("READY")["STATUS"] == "Reload given up; 1 worker"
    assert get(running.address).status == 200


def test_a_stop_during_the_check_of_a_reload_is_not_the_end_of_the_reload(server, manager, gate, tmp_path):
    (tmp_path / "mine.py").write_text("from hello import app\n")
    running = start(server, manager, "mine:app", **gate.env)
    (tmp_path / "mine.py").write_text(SLOW_APP)
    running.send_signal(signal.SIGHUP)
    manager.wait_for("RELOADING", "1")
    gate.wait_for("boot")
    told = len(manager.messages)
    running.stop()
    gate.open("boot")
    manager.wait_for("STOPPING")
    assert not any("READY" in message for message in manager.messages[told:])


def test_the_watchdog_is_fed(server, manager):
    running = server("hello:app", env={"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "200000"})
    for _ in range(3):
        manager.wait_for("WATCHDOG", "1")
    running.stop()
    manager.wait_for("STOPPING")


def test_a_watchdog_of_another_process_is_not_fed(server, manager):
    start(server, manager, "hello:app", WATCHDOG_USEC="200000", WATCHDOG_PID="1").stop()
    manager.wait_for("STOPPING")
    assert not any("WATCHDOG" in message for message in manager.messages)


@pytest.mark.parametrize("name", ["/nowhere/notify", "@nobody-listens-here", "relative", "/" + 200 * "x"])
def test_a_service_manager_that_is_not_there_costs_one_warning(server, name):
    running = server("hello:app", env={"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "20000"})
    assert get(running.address).status == 200
    assert running.stop() == 0
    assert running.log.count("[WARNING]") == 1 and name in running.log


def test_the_application_sees_the_variables_of_the_service_manager(server, manager, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import os\n"
        "def app(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [os.environ['NOTIFY_SOCKET'].encode()]\n"
    )
    running = start(server, manager, "mine:app")
    assert get(running.address).body == manager.name.encode()
