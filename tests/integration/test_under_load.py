"""What an operator does to a server that is busy: no request is lost but those inside of a worker that is killed."""

import os
import re
import signal
import socket

import pytest

from load_generator import Clients, Load, hang, slow, stream, upload
from raw_http import only_plain
from server_process import children_of, end, is_running, read, wait_until

FULL = os.environ.get("GN_LOAD") == "full"
ROUNDS = 10 if FULL else 1


@pytest.fixture(params=["tcp", "unix"] if FULL else ["tcp"])
def bind(request, tmp_path):
    return "127.0.0.1:0" if request.param == "tcp" else "unix:%s" % (tmp_path / "s.sock")


@pytest.fixture
def loaded(server, worker_kind, tmp_path):
    """Starts a server of tests/apps/loaded.py and waits until all of its workers serve."""

    def start(*arguments, workers=2, **options):
        options.setdefault("env", {"RAN": str(tmp_path / "ran")})
        running = server(*worker_kind, "--workers", str(workers), *arguments, "loaded:app", **options)
        running.wait_for_workers(workers)
        return running

    return start


@pytest.fixture
def assert_each_ran_once(tmp_path):
    def check(load):
        ran = [line.split()[0] for line in read(tmp_path / "ran").splitlines()]
        assert sorted(ran) == sorted(load.answered)
        (tmp_path / "ran").unlink()

    return check


def reload(running):
    before = running.log.count("Reload complete.")
    running.send_signal(signal.SIGHUP)
    running.wait_for_log(r"Reload complete\.", before + 1)


def reload_under_load(running, assert_each_ran_once):
    with Load(running.address) as load:
        for _ in range(ROUNDS):
            load.wait_for_more()
            reload(running)
            load.wait_for_answers_of(running.wait_for_workers(2))
    load.assert_nothing_lost()
    assert_each_ran_once(load)


def test_reloads(loaded, bind, assert_each_ran_once):
    reload_under_load(loaded(bind=bind), assert_each_ran_once)


def test_more_and_fewer_workers(loaded, assert_each_ran_once):
    running = loaded()
    with Load(running.address) as load:
        for _ in range(ROUNDS):
            for signo, count in ((signal.SIGTTIN, 3), (signal.SIGTTIN, 4), (signal.SIGTTOU, 3), (signal.SIGTTOU, 2),
                                 (signal.SIGTTOU, 1), (signal.SIGTTIN, 2)):
                running.send_signal(signo)
                load.wait_for_answers_of(running.wait_for_workers(count))
                load.wait_for_more(1)
    load.assert_nothing_lost()
    assert_each_ran_once(load)


@pytest.mark.parametrize("workers", [1, 3], ids=["1 worker", "3 workers"])
def test_workers_that_are_recycled(loaded, bind, assert_each_ran_once, workers):
    running = loaded("--max-requests", "100", "--max-requests-jitter", "50", bind=bind, workers=workers)
    with Load(running.address) as load:
        running.wait_for_log("Autorestarting worker", 5 * ROUNDS)
    load.assert_nothing_lost()
    assert_each_ran_once(load)
    assert "SIGKILL" not in running.log


def test_workers_that_are_told_to_stop(loaded, assert_each_ran_once):
    running = loaded()
    with Load(running.address) as load:
        for _ in range(2 * ROUNDS):
            worker = running.wait_for_workers(2)[0]
            os.kill(worker, signal.SIGTERM)
            wait_until(lambda: worker not in running.workers(), "the end of the worker")
            load.wait_for_answers_of(running.wait_for_workers(2))
    load.assert_nothing_lost()
    assert_each_ran_once(load)


def clients_of(pid):
    """The ports of those whose connections a process has."""
    files = []
    for name in os.listdir("/proc/%d/fd" % pid):
        try:
            files.append(os.readlink("/proc/%d/fd/%s" % (pid, name)))
        except FileNotFoundError:
            pass
    rows = [line.split() for line in read("/proc/net/tcp").splitlines()[1:]]
    return {int(row[2].split(":")[1], 16) for row in rows if "socket:[%s]" % row[9] in files} - {0}


def stop_for_good(pid):
    """Stops a process in the middle of whatever it does; answers the clients it has, which it gets no more of."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: "T (stopped)" in read("/proc/%d/status" % pid), "the stop")
    return clients_of(pid)


@only_plain
def test_a_worker_that_is_killed_takes_only_its_own_connections_with_it(loaded):
    running = loaded(workers=3)
    with Load(running.address) as load:
        victims, own = set(), set()
        for _ in range(ROUNDS):
            load.wait_for_more()
            victim = running.wait_for_workers(3)[0]
            own |= stop_for_good(victim)
            victims.add(victim)
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: victim not in running.workers(), "the end of the worker")
            load.wait_for_answers_of(running.wait_for_workers(3))
    lost = {loss.port for loss in load.failed + load.races}
    assert not load.refused and lost <= own, load
    assert len(load.answered) + len(load.failed) == load.sent
    assert {race.worker for race in load.races} <= victims


@only_plain
def test_a_worker_that_hangs_is_replaced_and_the_others_serve_on(loaded):
    running = loaded("--timeout", "1", "--graceful-timeout", "1", workers=3)
    with Load(running.address) as load:
        load.wait_for_more()
        hung = running.wait_for_workers(3)[0]
        own = stop_for_good(hung)
        running.wait_for_log(r"WORKER TIMEOUT \(pid:%d\)" % hung)
        wait_until(lambda: not is_running(hung), "the end of the worker")
        load.wait_for_answers_of(running.wait_for_workers(3))
    lost = {loss.port for loss in load.failed + load.races}
    assert not load.refused and lost <= own, load
    assert {race.worker for race in load.races} <= {hung}


def test_a_request_that_hangs_is_all_that_is_lost(server):
    running = server("--timeout", "1", "--keep-alive", "0", "--workers", "3", "loaded:app")
    running.wait_for_workers(3)
    # Kept connections of that worker wait for it, and end with it.
    with Load(running.address, [Clients(6), Clients(1, slow(30)), Clients(1, stream(20)), Clients(1, upload(100_000))]) as load:
        load.wait_for_more()
        with Load(running.address, [Clients(1, hang)], most=1) as hung:
            running.wait_for_log("WORKER TIMEOUT")
        assert len(hung.failed) == 1
        load.wait_for_answers_of(running.wait_for_workers(3))
    load.assert_nothing_lost()


# The end: all that was sent is answered, and then connections are refused.

LEAVING = (Clients(6), Clients(4, keep=True), Clients(4, slow(50)), Clients(2, stream(20)), Clients(2, upload(100_000)))


@pytest.mark.parametrize("workers", [1, 3], ids=["1 worker", "3 workers"])
@pytest.mark.parametrize("bind", ["tcp", "unix"], indirect=True)
def test_term_answers_what_was_sent_and_then_refuses(loaded, bind, assert_each_ran_once, workers):
    for _ in range(ROUNDS):
        running = loaded(bind=bind, workers=workers)
        with Load(running.address, LEAVING, until_refused=True) as load:
            load.wait_for_more()
            running.send_signal(signal.SIGTERM)
            load.wait_until_refused()
        assert running.wait() == 0
        # A stop is in a hurry: 0.2 s for who is on his way.
        load.assert_nothing_lost(heard_for=0.1)
        assert len(load.refused) == load.clients
        assert_each_ran_once(load)


@pytest.mark.parametrize("when", ["Worker exiting", "Booting worker"])
def test_term_right_behind_the_end_of_the_only_worker_loses_nothing(loaded, assert_each_ran_once, when):
    for _ in range(ROUNDS):
        running = loaded(workers=1)
        with Load(running.address, LEAVING, until_refused=True) as load:
            load.wait_for_more()
            os.kill(running.boots()[0], signal.SIGTERM)
            running.wait_for_log(when, {"Worker exiting": 1, "Booting worker": 2}[when])
            running.send_signal(signal.SIGTERM)
            load.wait_until_refused()
        assert running.wait() == 0
        load.assert_nothing_lost(heard_for=0.1)
        assert_each_ran_once(load)


def test_a_server_whose_socket_is_somebody_elses_stops_and_leaves_the_rest_to_its_successor(loaded, assert_each_ran_once):
    """As with sockets of systemd: while the server is not there newcomers wait, and there always are some."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        arguments = ("--graceful-timeout", "4")
        options = {"bind": "fd://%d" % listener.fileno(), "pass_fds": [listener.fileno()]}
        with Load(listener.getsockname(), LEAVING) as load:
            for _ in range(ROUNDS):
                running = loaded(*arguments, **options)
                load.wait_for_more()
                assert running.stop() == 0
                assert "SIGKILL" not in running.log
            loaded(*arguments, **options)
            load.wait_for_more()
    load.assert_nothing_lost(heard_for=0.1)
    assert_each_ran_once(load)


@pytest.mark.parametrize("signo", [signal.SIGINT, signal.SIGQUIT])
def test_a_quick_stop_is_over_in_5_s(loaded, signo):
    running = loaded("--graceful-timeout", "60", workers=3)
    with Load(running.address, LEAVING + (Clients(1, slow(50_000)),), until_refused=True) as load:
        wait_until(lambda: len(load.answered) > 100, "answers")
        running.send_signal(signo)
        assert running.wait(deadline=5 + 10) == 0
        load.wait_until_refused()


def test_reloads_with_reuse_port(loaded, assert_each_ran_once):
    reload_under_load(loaded("--reuse-port"), assert_each_ran_once)


# USR2: two masters, and one of them ends.


def test_upgrades_and_then_term_of_the_old_master(loaded, bind, upgrade, assert_each_ran_once):
    running = loaded(bind=bind)
    master = running.pid
    with Load(running.address) as load:
        for promotions in range(1, ROUNDS + 1):
            load.wait_for_more()
            new = upgrade(running, master)
            if master == running.pid:
                assert running.stop() == 0
            else:
                end(master)
            load.wait_for_answers_of(children_of(new))
            wait_until(lambda: running.log.count("Master has been promoted.") == promotions, "the promotion")
            master = new
    load.assert_nothing_lost(heard_for=0.1)
    assert_each_ran_once(load)
    assert "SIGKILL" not in running.log


def test_upgrades_that_are_undone(loaded, bind, upgrade, assert_each_ran_once):
    running = loaded(bind=bind)
    with Load(running.address) as load:
        for _ in range(ROUNDS):
            load.wait_for_more()
            new = upgrade(running, running.pid)
            load.wait_for_answers_of(children_of(new))
            end(new)
            load.wait_for_answers_of(running.wait_for_workers(2))
    load.assert_nothing_lost(heard_for=0.1)
    assert_each_ran_once(load)


def test_quit_of_the_old_master_costs_each_client_one_request_at_most(loaded, upgrade):
    running = loaded(workers=3)
    with Load(running.address) as load:
        load.wait_for_more()
        new = upgrade(running, running.pid)
        assert running.stop(signal.SIGQUIT) == 0
        load.wait_for_answers_of(children_of(new))
        load.wait_for_more()
    assert not load.refused
    assert len({loss.token.split("-")[0] for loss in load.failed}) == len(load.failed), load
