"""status_bind: the master answers about the server while its workers do whatever they do."""

import json
import os
import platform
import re
import signal
import socket

import pytest
from prometheus_client.parser import text_string_to_metric_families

import raw_http
from raw_http import Connection
from server_process import is_running, read, wait_until

ADDRESS = r"Status at: (?:http://127\.0\.0\.1:(\d+)|unix:(\S+))"


class Status:
    """Asks the status listener of a server: the one whose address was logged last."""

    def __init__(self, running, address=None):
        self.running = running
        self.fixed = address

    @property
    def address(self):
        if self.fixed:
            return self.fixed
        port, path = self.running.wait_for_log(ADDRESS)[-1]
        return path or ("127.0.0.1", int(port))

    def get(self, path, method="GET"):
        with Connection(self.address, tls=None) as connection:
            connection.send(raw_http.request_bytes(path, (), method))
            return connection.read_response(method)

    def metrics(self):
        """{(name, labels): value}, as a Prometheus reads them."""
        response = self.get("/metrics")
        assert response.get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
        families = list(text_string_to_metric_families(response.body.decode()))
        assert all(family.documentation and family.type != "unknown" for family in families)
        return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
                for family in families for sample in family.samples}

    def value(self, name, **labels):
        return self.metrics().get((name, tuple(sorted(labels.items()))), 0)

    def document(self):
        return json.loads(self.get("/status").body)

    def ready(self):
        response = self.get("/readyz")
        return response.status, response.body.decode().strip()


@pytest.fixture
def observed(server):
    """A server with a status listener whose workers are ready, and what asks it."""

    def start(*arguments, workers=1, at="127.0.0.1:0", **options):
        running = server("--status-bind", at, "--workers", workers, *arguments, **options)
        status = Status(running)
        wait_until(lambda: status.value("gunicorn_workers", state="idle") == workers, "all workers are ready")
        return running, status

    return start


def ask(running, count, path="/"):
    for _ in range(count):
        raw_http.get(running.address, path)


def test_requests_are_counted_also_those_of_workers_that_are_gone(observed, worker_kind):
    running, status = observed(*worker_kind, "--max-requests", "5", "hello:app", workers=2)
    ask(running, 23)
    wait_until(lambda: status.value("gunicorn_worker_exits_total", cause="max_requests") > 0, "a worker was recycled")
    victim = wait_until(lambda: next((worker["pid"] for worker in status.document()["workers"]
                                      if worker["state"] == "idle" and worker["requests"] < 5), None), "an idle worker")
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not is_running(victim), "the end of a worker")
    ask(running, 4)
    found = wait_until(lambda: status.value("gunicorn_requests_total", status="200") >= 27 and status.metrics(), "all requests")
    assert found["gunicorn_requests_total", (("status", "200"),)] == 27
    assert found["gunicorn_request_duration_seconds_count", ()] == 27
    assert found["gunicorn_request_duration_seconds_bucket", (("le", "+Inf"),)] == 27
    assert found["gunicorn_response_bytes_total", ()] == 27 * len(b"hello\n")
    assert found["gunicorn_connections_accepted_total", ()] >= 27
    assert found["gunicorn_worker_exits_total", (("cause", "signal"),)] == 1
    assert found["gunicorn_build_info", (("python", platform.python_version()), ("version", "gunicorn 27.0.0"))] == 1


def test_it_answers_while_every_worker_is_busy_and_says_with_what(observed, worker_kind, gate):
    running, status = observed(*worker_kind, "gate:app", env=gate.env)
    with Connection(running.address) as client:
        client.send(raw_http.request_bytes("/wait/one?password=hunter2"))
        pid = gate.wait_for()
        assert status.get("/healthz").body == b"ok\n"
        assert status.ready() == (200, "ready")
        (worker,) = status.document()["workers"]
        assert (worker["pid"], worker["state"], worker["active_requests"]) == (pid, "busy", 1)
        assert worker["current_request"]["line"].startswith("GET /wait/one?password=")
        assert "hunter2" not in status.get("/status").body.decode()
        assert worker["resident_memory_bytes"] > 1 << 20
        gate.open()
        assert client.read_response().status == 200
    wait_until(lambda: status.document()["workers"][0]["current_request"] is None, "the end of the request")


def test_requests_that_wait_for_a_thread_and_connections_that_wait_for_a_worker_are_shown(observed, gate):
    running, status = observed("--worker-class", "gthread", "--threads", "1", "gate:app", env=gate.env)
    clients = [Connection(running.address) for _ in range(4)]
    clients[0].send(raw_http.request_bytes("/wait/one"))
    gate.wait_for()
    for client in clients[1:]:
        client.send(raw_http.request_bytes("/"))
    wait_until(lambda: status.value("gunicorn_requests_queued") == 3, "three requests wait")
    assert status.value("gunicorn_requests_active") == 4
    gate.open()
    for client in clients:
        assert client.read_response().status == 200
        client.close()
    wait_until(lambda: status.value("gunicorn_requests_queued") == 0, "no request waits")


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_the_backlog_of_each_listener_is_shown(observed, gate, tmp_path, kind):
    running, status = observed("--bind", "unix:%s" % (tmp_path / "app.sock"), "gate:app", env=gate.env)
    which = {"tcp": 0, "unix": 1}[kind]
    address = running.addresses[which]
    with Connection(address) as busy:
        busy.send(raw_http.request_bytes("/wait/one"))
        gate.wait_for()
        waiting = [Connection(address) for _ in range(3)]
        for client in waiting:
            client.send(raw_http.request_bytes("/"))
        wait_until(lambda: status.document()["listeners"][which]["backlog"] == 3, "three connections wait")
        gate.open()
        for client in waiting:
            assert client.read_response().status == 200
            client.close()


def test_it_is_not_ready_before_a_worker_is_while_it_drains_and_while_it_stops(server, gate, tmp_path):
    (tmp_path / "slow.py").write_text("import gate\ngate.wait_at_gate('import')\nfrom gate import app\n")
    running = server("--status-bind", "127.0.0.1:0", "--drain-delay", "600", "--threads", "2", "slow:app", env=gate.env)
    status = Status(running)
    gate.wait_for("import")
    assert status.ready() == (503, "no worker is ready")
    assert status.get("/healthz").status == 200
    gate.open("import")
    wait_until(lambda: status.ready() == (200, "ready"), "readiness")
    with Connection(running.address) as client:
        client.send(raw_http.request_bytes("/wait/one"))
        gate.wait_for()
        running.send_signal(signal.SIGTERM)
        wait_until(lambda: status.ready() == (503, "the server stops soon (drain_delay)"), "the drain")
        running.send_signal(signal.SIGTERM)
        wait_until(lambda: status.ready() == (503, "the server stops"), "the stop")
        assert status.get("/healthz").status == 200
        gate.open()
        assert client.read_response().status == 200
    assert running.wait() == 0


def configuration(tmp_path, **settings):
    (tmp_path / "gunicorn.conf.py").write_text("".join("%s = %r\n" % item for item in settings.items()))


def reload(running, outcome="Reload complete"):
    known = len(re.findall(outcome, running.log))
    running.send_signal(signal.SIGHUP)
    running.wait_for_log(outcome, known + 1)


def test_hup_keeps_changes_adds_and_removes_it(server, tmp_path):
    configuration(tmp_path, status_bind="127.0.0.1:0")
    running = server("hello:app")
    status = Status(running)
    first = status.address
    reload(running)
    assert (status.address, status.value("gunicorn_config_generation")) == (first, 2)
    assert status.value("gunicorn_reloads_total", outcome="complete") == 1
    path = str(tmp_path / "status.sock")
    configuration(tmp_path, status_bind="unix:" + path)
    reload(running)
    assert Status(running, path).get("/healthz").status == 200
    with pytest.raises(ConnectionRefusedError):
        raw_http.connect(first, tls=None)
    configuration(tmp_path)
    reload(running)
    assert not os.path.exists(path)
    configuration(tmp_path, status_bind="127.0.0.1:0")
    reload(running)
    assert status.value("gunicorn_config_generation") == 5
    assert status.value("gunicorn_reloads_total", outcome="complete") == 4


def test_hup_to_an_address_that_is_taken_is_refused_and_the_old_one_goes_on(server, tmp_path):
    configuration(tmp_path, status_bind="127.0.0.1:0")
    running = server("hello:app")
    status = Status(running)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        configuration(tmp_path, status_bind="127.0.0.1:%d" % taken.getsockname()[1])
        reload(running, "Reload given up")
    assert status.ready() == (200, "ready")
    assert status.value("gunicorn_reloads_total", outcome="given_up") == 1


def test_it_is_ready_while_a_reload_is_on_trial(server, gate, tmp_path):
    (tmp_path / "code.py").write_text("from gate import app\n")
    running = server("--status-bind", "127.0.0.1:0", "code:app", env=gate.env)
    status = Status(running)
    wait_until(lambda: status.ready()[0] == 200, "readiness")
    (tmp_path / "master").write_text(str(running.pid))
    (tmp_path / "code.py").write_text("import os\nif os.getppid() == int(open('master').read()):\n"
                                      "    import gate; gate.wait_at_gate('import')\nfrom gate import app\n")
    running.send_signal(signal.SIGHUP)
    gate.wait_for("import")
    assert status.ready() == (200, "ready")
    assert status.document()["reloads"]["under_way"] is True
    gate.open("import")
    running.wait_for_log("Reload complete")
    assert status.ready() == (200, "ready")


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_an_upgrade_hands_it_over_and_back(server, tmp_path, kind):
    path = str(tmp_path / "status.sock")
    running = server("--status-bind", "127.0.0.1:0" if kind == "tcp" else "unix:" + path, "hello:app")
    status = Status(running, path if kind == "unix" else None)
    address = status.address
    wait_until(lambda: status.ready()[0] == 200, "readiness")

    def upgrade():
        known = len(re.findall(r"the new master \(pid:(\d+)\) is ready", running.log))
        running.send_signal(signal.SIGUSR2)
        return int(running.wait_for_log(r"the new master \(pid:(\d+)\) is ready", known + 1)[-1])

    status = Status(running, address)
    new = upgrade()
    try:
        assert {status.document()["server"]["pid"] for _ in range(10)} == {new}
        os.kill(new, signal.SIGTERM)
        running.wait_for_log("Upgrade undone")
        assert status.document()["server"]["pid"] == running.pid
        assert status.document()["upgrades"] == {"begun": 1, "undone": 1}
        new = upgrade()
        assert running.stop() == 0
        assert status.document()["server"]["pid"] == new
    finally:
        if is_running(new):
            os.kill(new, signal.SIGTERM)
        wait_until(lambda: not is_running(new), "the end of the new master")
    assert not os.path.exists(path)


def test_clients_that_say_nothing_or_too_much_hold_up_neither_the_master_nor_each_other(observed):
    running, status = observed("hello:app")
    silent = [raw_http.connect(status.address, tls=None) for _ in range(100)]
    for sock in silent[::2]:
        sock.sendall(b"GET /metr")
    assert status.get("/healthz").status == 200
    with Connection(status.address, tls=None) as huge:
        huge.send(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40000)
        assert huge.read_response().status == 431
    before = running.boots()
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(running.boots()) == 2, "the master does its work")
    for sock in silent:
        sock.close()


def test_other_methods_and_paths_are_refused(observed):
    _, status = observed("hello:app")
    assert status.get("/metrics", method="POST").status == 405
    assert status.get("/nothing").status == 404
    assert status.get("/healthz", method="HEAD").body == b""


def test_settings_that_differ_are_shown_with_their_origin_and_without_secrets(observed):
    _, status = observed("--env", "API_KEY=hunter2", "hello:app", workers=2)
    text = status.get("/status").body.decode()
    settings = {one["name"]: one for one in json.loads(text)["configuration"]["changed_settings"]}
    assert settings["workers"]["value"] == 2
    assert settings["workers"]["origin"].startswith("command line")
    assert settings["raw_env"] == {**settings["raw_env"], "value": ["API_KEY=[redacted]"], "redacted": True}
    assert "hunter2" not in text


def test_a_worker_does_not_have_its_socket(observed):
    running, status = observed("hello:app")
    (worker,) = running.workers()
    port = status.address[1]
    inodes = {line.split()[9] for line in read("/proc/%d/net/tcp" % running.pid).splitlines()[1:]
              if line.split()[1].endswith(":%04X" % port) and line.split()[3] == "0A"}
    links = {os.readlink("/proc/%d/fd/%s" % (worker, fd)) for fd in os.listdir("/proc/%d/fd" % worker)}
    assert len(inodes) == 1 and "socket:[%s]" % inodes.pop() not in links


@pytest.mark.parametrize("address, name", [
    ("1:2:3", "not-an-address"), ("fd://3", "not-an-address"), ("127.0.0.1:7999", "overlapping-addresses")])
def test_a_wrong_address_is_found_by_a_check_and_at_the_start(run, address, name):
    for options in ("--check-config",), ():
        ended = run(*options, "--bind", "127.0.0.1:7999", "--status-bind", address, "hello:app")
        assert ended.status == 1
        assert ("command line", "status_bind", name) in ended.diagnostics, ended


def test_an_address_in_use_ends_the_start(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        checked = run("--check-config", "--status-bind", address, "hello:app")
        assert ("command line", "status_bind", "address-in-use") in checked.diagnostics
        started = run("--bind", "127.0.0.1:0", "--status-bind", address, "hello:app")
    assert started.status == 1
    assert "Can't connect to ('127.0.0.1', %s)" % address.split(":")[1] in started.stderr


def test_a_check_beside_the_running_server_finds_nothing(observed, run, tmp_path):
    path = tmp_path / "status.sock"
    running, _ = observed("--pid", str(tmp_path / "pid"), "hello:app", at="unix:%s" % path)
    ended = run("--check-config", "--pid", str(tmp_path / "pid"), "--status-bind", "unix:%s" % path, "hello:app")
    assert ended.status == 0 and not [one for one in ended.findings if one.severity == "error"], ended
