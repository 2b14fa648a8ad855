"""Master and workers: signals, supervision, shutdown, recycling, what is left behind."""

import os
import pwd
import signal
import socket
import tempfile
import threading
import time

import pytest

from raw_http import Connection, Truncated, get, request_bytes
from server_process import ProcessFacts, is_running, read, wait_until


def refuses_connections(address):
    try:
        socket.create_connection(address, 30).close()
    except ConnectionRefusedError:
        return True
    return False


# stopping


def test_a_worker_that_is_stopped_while_it_starts_its_threads_leaves_in_order(server, tmp_path):
    """A signal handler may raise in the middle of Thread.start(): the thread runs all the same, here a little later, and
    uses the queue."""
    (tmp_path / "conf.py").write_text(
        "import threading\n"
        "class Late(threading.Thread):\n"
        "    def start(self):\n"
        "        super().start()\n"
        "        raise SystemExit(0)\n"
        "    def run(self):\n"
        "        threading.Event().wait(0.3)\n"
        "        super().run()\n"
        "def post_worker_init(worker):\n"
        "    if worker.age == 1:\n"
        "        threading.Thread = Late\n"
    )
    running = server("-c", "conf.py", "--worker-class", "gthread", "--threads", "2", "hello:app")
    assert get(running.address).status == 200
    assert running.stop() == 0


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_stop_signal_ends_an_idle_server_with_exit_0(server, worker_kind, signo):
    running = server(*worker_kind, "--workers", "2", "hello:app")
    assert get(running.address).status == 200
    assert running.stop(signo) == 0
    assert "Handling signal: %s" % signal.Signals(signo).name[3:].lower() in running.log
    assert "Shutting down: Master" in running.log
    assert "exited with code" not in running.log and "[ERROR]" not in running.log


def test_a_stop_signal_at_once_after_the_start_ends_it_with_exit_0(server, worker_kind):
    running = server(*worker_kind, "--workers", "2", "hello:app")
    assert running.stop() == 0


def test_term_lets_a_running_request_finish(server, worker_kind, gate):
    running = server(*worker_kind, "gate:app", env=gate.env)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/wait/one"))
        worker = gate.wait_for()
        running.send_signal(signal.SIGTERM)
        running.wait_for_log("Handling signal: term")
        assert is_running(worker)
        gate.open()
        response = connection.read_response()
        assert (response.status, int(response.body)) == (200, worker)
    assert running.wait() == 0


def test_a_request_that_ran_at_term_is_answered_with_connection_close(server, worker_kind, gate):
    running = server(*worker_kind, "gate:app", env=gate.env)
    with Connection(running.address) as idle, Connection(running.address) as connection:
        if "gthread" in worker_kind:
            idle.get("/")
        connection.send(request_bytes("/wait/one"))
        gate.wait_for()
        running.send_signal(signal.SIGTERM)
        running.wait_for_log("Handling signal: term")
        if "gthread" in worker_kind:
            idle.assert_closed()  # the worker knows
        gate.open()
        assert connection.read_response().get("Connection") == "close"


def test_a_request_that_waits_for_a_busy_worker_at_term_is_answered(server, gate):
    running = server("gate:app", env=gate.env)
    with Connection(running.address) as busy, Connection(running.address) as queued:
        busy.send(request_bytes("/wait/one"))
        gate.wait_for()
        queued.send(request_bytes("/"))
        running.send_signal(signal.SIGTERM)
        running.wait_for_log("Handling signal: term")
        gate.open()
        assert busy.read_response().status == 200
        assert queued.read_response().status == 200
    assert running.wait() == 0


def test_a_request_on_an_idle_connection_right_after_term_is_answered_and_closed(server, gate):
    """gthread: one thread is held at the gate, so that the worker is there for certain."""
    running = server("-k", "gthread", "--threads", "2", "--keep-alive", "30", "gate:app", env=gate.env)
    with Connection(running.address) as busy, Connection(running.address) as idle:
        busy.send(request_bytes("/wait/one"))
        gate.wait_for()
        assert idle.get("/").keeps_alive
        running.send_signal(signal.SIGTERM)
        idle.send(request_bytes("/"))
        response = idle.read_response()
        assert response.status == 200
        gate.open()
        assert busy.read_response().status == 200
    assert running.wait() == 0


def test_a_connection_during_a_stop_is_refused_or_served(server, gate):
    running = server("-k", "gthread", "--threads", "2", "gate:app", env=gate.env)
    with Connection(running.address) as idle, Connection(running.address) as busy:
        idle.get("/")
        busy.send(request_bytes("/wait/one"))
        gate.wait_for()
        running.send_signal(signal.SIGTERM)
        running.wait_for_log("Handling signal: term")
        idle.assert_closed()  # the worker drains
        try:
            late = Connection(running.address)
        except ConnectionRefusedError:
            late = None
        if late:
            late.send(request_bytes("/"))
        gate.open()
        assert busy.read_response().status == 200
        if late:
            with late:
                assert late.read_response().status == 200


def test_graceful_timeout_ends_what_does_not_finish(server, worker_kind, gate):
    running = server(*worker_kind, "--graceful-timeout", "1", "gate:app", env=gate.env)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/wait/one"))
        worker = gate.wait_for()
        assert running.stop() == 0
        assert not is_running(worker)


def test_a_stop_may_last_longer_than_timeout(server, gate):
    """The heartbeat of a worker that finishes its last request is not judged."""
    running = server("--timeout", "1", "--graceful-timeout", "30", "gate:app", env=gate.env)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/wait/one"))
        gate.wait_for()
        running.send_signal(signal.SIGTERM)
        running.wait_for_log("Handling signal: term")
        end = time.monotonic() + 3
        wait_until(lambda: time.monotonic() > end, "three times the timeout are over")
        gate.open()
        assert connection.read_response().status == 200
    assert running.wait() == 0
    assert "WORKER TIMEOUT" not in running.log


@pytest.mark.parametrize("signo", [signal.SIGINT, signal.SIGQUIT])
def test_int_and_quit_do_not_wait_for_a_running_request(server, worker_kind, gate, signo):
    running = server(*worker_kind, "--graceful-timeout", "60", "gate:app", env=gate.env)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/wait/one"))
        gate.wait_for()
        began = time.monotonic()
        assert running.stop(signo) == 0
        assert time.monotonic() - began < 20, "not graceful_timeout"


def test_int_during_a_graceful_stop_makes_it_a_quick_one(server, worker_kind, gate):
    running = server(*worker_kind, "--graceful-timeout", "60", "gate:app", env=gate.env)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/wait/one"))
        gate.wait_for()
        running.send_signal(signal.SIGTERM)
        running.wait_for_log("Handling signal: term")
        assert running.stop(signal.SIGINT, deadline=20) == 0


def test_idle_and_silent_connections_do_not_delay_term(server, worker_kind):
    running = server(*worker_kind, "--keep-alive", "60", "--graceful-timeout", "60", "hello:app")
    idle = [Connection(running.address) for _ in range(5)]
    silent = [Connection(running.address) for _ in range(5)]
    for connection in idle:
        assert connection.get().status == 200
    began = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began < 20
    for connection in idle + silent:
        connection.close()


def test_half_sent_requests_do_not_delay_term_beyond_graceful_timeout(server, worker_kind):
    running = server(*worker_kind, "--graceful-timeout", "1", "hello:app")
    with Connection(running.address) as head, Connection(running.address) as body:
        head.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le")
        body.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        assert get(running.address).status == 200
        assert running.stop() == 0


def test_a_request_that_is_half_sent_at_term_may_be_completed(server, worker_kind):
    running = server(*worker_kind, "kinds:app")
    with Connection(running.address) as connection:
        data = request_bytes("/unread-body", [], "POST", b"0123456789")
        connection.send(data[:-5])
        assert get(running.address, "/pid").status == 200
        running.send_signal(signal.SIGTERM)
        running.wait_for_log("Handling signal: term")
        connection.send(data[-5:])
        assert connection.read_response().body == b"did not look"
    assert running.wait() == 0


# supervision


def assert_given_up(connection):
    """The request is answered with an error, or not at all."""
    try:
        assert connection.read_response().status == 500
    except (Truncated, ConnectionResetError):
        pass


def test_ttin_and_ttou_change_the_number_of_workers(server):
    running = server("--workers", "2", "hello:app")
    first = running.wait_for_workers(2)
    running.send_signal(signal.SIGTTIN)
    assert set(first) < set(running.wait_for_workers(3))
    running.send_signal(signal.SIGTTOU)
    running.wait_for_workers(2)
    running.send_signal(signal.SIGTTOU)
    running.wait_for_workers(1)
    assert running.workers() == [running.boots()[-1]], "the oldest go first"
    assert get(running.address).status == 200


def test_ttou_leaves_one_worker(server):
    running = server("hello:app")
    workers = running.wait_for_workers(1)
    running.send_signal(signal.SIGTTOU)
    running.wait_for_log("Handling signal: ttou")
    assert get(running.address).status == 200
    assert running.workers() == workers


def test_a_killed_worker_is_replaced(server, worker_kind):
    running = server(*worker_kind, "--workers", "2", "kinds:app")
    victim, other = running.wait_for_workers(2)
    os.kill(victim, signal.SIGKILL)
    running.wait_for_log("Booting worker with pid", 3)
    now = running.wait_for_workers(2)
    assert other in now and victim not in now
    assert "Worker (pid:%d) was sent SIGKILL! Perhaps out of memory?" % victim in running.log
    assert get(running.address, "/pid").status == 200


def test_a_worker_that_is_told_to_stop_is_replaced(server, worker_kind):
    running = server(*worker_kind, "hello:app")
    (worker,) = running.wait_for_workers(1)
    assert get(running.address).status == 200
    os.kill(worker, signal.SIGTERM)
    running.wait_for_log("Booting worker with pid", 2)
    assert get(running.address).status == 200


def test_the_signals_of_a_master_do_not_kill_a_worker(server, worker_kind):
    running = server(*worker_kind, "kinds:app")
    (worker,) = running.wait_for_workers(1)
    for signo in (signal.SIGHUP, signal.SIGUSR2, signal.SIGWINCH, signal.SIGTTIN, signal.SIGTTOU):
        os.kill(worker, signo)
        assert int(get(running.address, "/pid").body) == worker, signo
    assert running.boots() == [worker]


def test_a_worker_that_hangs_is_killed_after_timeout(server, gate):
    running = server("--timeout", "1", "gate:app", env=gate.env)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/hang"))
        stuck = gate.wait_for("hang")
        running.wait_for_log(r"\[CRITICAL\] WORKER TIMEOUT \(pid:%d\)" % stuck)
        assert_given_up(connection)
    assert int(get(running.address).body) != stuck
    assert not is_running(stuck)


STUCK_IN_C = """
import os, re
def app(environ, start_response):
    if environ["PATH_INFO"] == "/stuck":
        open("stuck.pid", "w").write(str(os.getpid()))
        re.match("(a+)+$", "a" * 64 + "b")  # does not let go of the GIL, nor come back
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
"""


def test_a_worker_that_is_stuck_in_c_is_killed_after_timeout(server, worker_kind, tmp_path):
    (tmp_path / "stuck.py").write_text(STUCK_IN_C)
    running = server(*worker_kind, "--timeout", "1", "stuck:app")
    with Connection(running.address) as connection:
        connection.send(request_bytes("/stuck"))
        stuck = int(wait_until(lambda: read(tmp_path / "stuck.pid"), "the request began"))
        running.wait_for_log(r"\[CRITICAL\] WORKER TIMEOUT \(pid:%d\)" % stuck)
        assert_given_up(connection)
    assert int(get(running.address).body) != stuck
    assert not is_running(stuck)


def test_a_slow_request_in_a_thread_is_not_taken_for_a_hanging_worker(server, gate):
    running = server("-k", "gthread", "--threads", "2", "--timeout", "1", "gate:app", env=gate.env)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/wait/one"))
        worker = gate.wait_for()
        end = time.monotonic() + 3
        wait_until(lambda: time.monotonic() > end, "three times the timeout are over")
        assert int(get(running.address).body) == worker, "the other thread serves"
        gate.open()
        assert int(connection.read_response().body) == worker
    assert "WORKER TIMEOUT" not in running.log


def test_an_idle_worker_is_not_taken_for_a_hanging_one(server, worker_kind):
    running = server(*worker_kind, "--timeout", "1", "--keep-alive", "3", "kinds:app")
    with Connection(running.address) as clock:
        worker = int(clock.get("/pid").body)
        end = time.monotonic() + 3
        wait_until(lambda: time.monotonic() > end, "three times the timeout are over")
    assert int(get(running.address, "/pid").body) == worker
    assert "WORKER TIMEOUT" not in running.log


def test_an_idle_server_needs_no_cpu(server, worker_kind):
    running = server(*worker_kind, "--workers", "2", "hello:app")
    get(running.address)
    pids = [running.pid] + running.wait_for_workers(2)

    def ticks():
        return sum(ProcessFacts(pid).cpu_ticks for pid in pids)

    before = ticks()
    end = time.monotonic() + 2
    wait_until(lambda: time.monotonic() > end, "two seconds are over")
    assert ticks() - before <= 20, "ticks of 10 ms in two seconds"


def test_max_requests_recycles_workers_without_a_failed_request(server, worker_kind):
    running = server(*worker_kind, "--workers", "2", "--max-requests", "20", "--max-requests-jitter", "5", "kinds:app")
    failures = []
    answered = []

    def client():
        try:
            with Connection(running.address) as connection:
                for _ in range(150):
                    answered.append(connection.get("/pid").body)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a failed request
            failures.append(repr(error))

    clients = [threading.Thread(target=client) for _ in range(4)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    assert failures == [] and len(answered) == 600
    assert len(set(answered)) >= 5, "600 requests at 20 to 25 each, and what was on its way to a worker that leaves"
    assert "Autorestarting worker after current request." in running.log
    assert "exited with code" not in running.log and "SIGKILL" not in running.log


def test_new_connections_during_recycling_are_not_refused(server, worker_kind):
    running = server(*worker_kind, "--max-requests", "3", "kinds:app")
    assert {get(running.address, "/pid").status for _ in range(30)} == {200}


def test_a_sync_worker_leaves_what_waits_to_be_accepted_to_its_successor(server, gate):
    running = server("--max-requests", "3", "gate:app", env=gate.env)
    with Connection(running.address) as held:
        held.send(request_bytes("/wait/one", [("Connection", "close")]))
        gate.wait_for()
        waiting = [Connection(running.address) for _ in range(12)]
        for connection in waiting:
            connection.send(request_bytes("/", [("Connection", "close")]))
        gate.open()
        pids = [connection.read_response().body for connection in waiting + [held]]
    for connection in waiting:
        connection.close()
    assert len(set(pids)) >= 4, "13 requests at 3 each"


BUSY = """
import os, time
def app(environ, start_response):
    time.sleep(0.4)
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
"""


def test_a_worker_that_serves_one_request_after_the_other_is_not_taken_for_a_hanging_one(server, worker_kind, tmp_path):
    (tmp_path / "busy.py").write_text(BUSY)
    running = server(*worker_kind, "--timeout", "2", "busy:app")
    connections = [Connection(running.address) for _ in range(12)]
    for connection in connections:
        connection.send(request_bytes("/"))
    statuses = []
    for connection in connections:
        try:
            statuses.append(connection.read_response().status)
        except (Truncated, ConnectionResetError) as error:
            statuses.append(repr(error))
        connection.close()
    assert statuses == [200] * 12
    assert "WORKER TIMEOUT" not in running.log


def test_workers_leave_when_the_master_is_killed(server, worker_kind):
    running = server(*worker_kind, "--workers", "2", "hello:app")
    workers = running.wait_for_workers(2)
    assert get(running.address).status == 200
    running.send_signal(signal.SIGKILL)
    running.wait()
    for pid in workers:
        wait_until(lambda: not is_running(pid), "worker %d left" % pid)
    assert refuses_connections(running.address)


def test_a_busy_worker_finishes_its_request_when_the_master_is_killed(server, worker_kind, gate):
    running = server(*worker_kind, "gate:app", env=gate.env)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/wait/one"))
        worker = gate.wait_for()
        running.send_signal(signal.SIGKILL)
        running.wait()
        gate.open()
        assert int(connection.read_response().body) == worker
    wait_until(lambda: not is_running(worker), "the worker left")


def test_a_child_of_a_hook_is_left_to_the_hook(server, tmp_path):
    config = tmp_path / "c.py"
    config.write_text(
        "import subprocess\n"
        "def when_ready(server):\n"
        "    server.helper = subprocess.Popen(['sh', '-c', 'read line; exit 7'], stdin=subprocess.PIPE)\n"
        "def on_exit(server):\n"
        "    server.helper.stdin.close()\n"
        "    server.log.info('helper: %s', server.helper.wait())\n"
    )
    running = server("-c", config, "--workers", "2", "hello:app")
    running.wait_for_log("Booting worker", 2)
    os.kill(running.boots()[0], signal.SIGKILL)
    running.wait_for_log("Booting worker", 3)  # the master has reaped
    assert running.stop() == 0
    assert "helper: 7" in running.log


# threads and users


def test_threads_serve_at_the_same_time(server, gate):
    running = server("-k", "gthread", "--threads", "3", "gate:app", env=gate.env)
    connections = [Connection(running.address) for _ in range(3)]
    for number, connection in enumerate(connections):
        connection.send(request_bytes("/wait/%d" % number))
    assert len({gate.wait_for(str(number)) for number in range(3)}) == 1, "all have begun, in one process"
    for number, connection in enumerate(connections):
        gate.open(str(number))
        assert connection.read_response().status == 200
        connection.close()


def test_more_requests_than_threads_wait_for_their_turn(server, gate):
    running = server("-k", "gthread", "--threads", "2", "gate:app", env=gate.env)
    connections = [Connection(running.address) for _ in range(12)]
    for number, connection in enumerate(connections):
        connection.send(request_bytes("/wait/%d" % number))
        gate.open(str(number))
    for connection in connections:
        assert connection.read_response().status == 200
        connection.close()


def test_threads_make_gthread_of_sync(server):
    running = server("--threads", "2", "hello:app")
    running.wait_for_log("Using worker: gthread")
    assert get(running.address).status == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change its user")
def test_workers_run_as_user_and_group_and_the_master_does_not(server):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        sock = os.path.join(folder, "s.sock")
        running = server("--user", "nobody", "--group", "nogroup", "--workers", "2", "hello:app", bind="unix:" + sock, cwd=folder)
        assert get(sock).status == 200
        nobody = pwd.getpwnam("nobody")
        for pid in running.wait_for_workers(2):
            status = read("/proc/%d/status" % pid)
            assert "Uid:\t%d\t%d\t%d\t%d\n" % ((nobody.pw_uid,) * 4) in status
            assert "Gid:\t%d\t%d\t%d\t%d\n" % ((nobody.pw_gid,) * 4) in status
        assert "Uid:\t0\t0\t0\t0\n" in read("/proc/%d/status" % running.pid)
        assert (os.stat(sock).st_uid, os.stat(sock).st_gid) == (nobody.pw_uid, nobody.pw_gid)
        assert running.stop() == 0
        assert not os.path.exists(sock)
