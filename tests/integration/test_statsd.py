"""statsd_host and its kin: what a daemon receives, and that none is never felt."""

import os
import signal
import socket
import time

import pytest

from raw_http import Connection, get, request_bytes
from server_process import ROOT, SANITIZED, read, wait_until
from statsd_daemon import Daemon

MOST_BYTES = {False: 1432, True: 8192}  # UDP, unix


@pytest.fixture
def daemon():
    started = Daemon()
    yield started
    started.close()


def write(tmp_path, *lines):
    (tmp_path / "conf.py").write_text("\n".join(lines) + "\n")


def reload(running, outcome=r"Reload complete\."):
    before = running.log.count("Reload complete.") if outcome.startswith("Reload complete") else 0
    running.send_signal(signal.SIGHUP)
    running.wait_for_log(outcome, before + 1)


@pytest.mark.parametrize("kind", ["udp", "udp6", "unix"])
def test_metrics_count_what_was_sent(server, worker_kind, tmp_path, kind):
    where = {"udp": ("127.0.0.1", 0), "udp6": ("::1", 0), "unix": str(tmp_path / "statsd.sock")}
    daemon = Daemon(where[kind])
    running = server(*worker_kind, "--workers", "2", "--statsd-host", daemon.host, "kinds:app")
    for _ in range(20):
        assert get(running.address, "/declared-length").status == 200
    for _ in range(3):
        assert get(running.address, "/nowhere").status == 404
    assert get(running.address, "/boom").status == 500
    assert get(running.address, "/", headers=[("Transfer-Encoding", "x")]).status >= 400
    daemon.wait_for("gunicorn.requests", 25)
    assert running.stop() == 0
    counters = daemon.counters()
    assert counters["gunicorn.requests"] == 25
    assert counters["gunicorn.request.status.200"] == 20
    assert counters["gunicorn.request.status.404"] == 3
    assert counters["gunicorn.request.status.500"] == 1
    durations = [metric for metric in daemon.metrics() if metric.name == "gunicorn.request.duration"]
    assert len(durations) == 25 and {metric.kind for metric in durations} == {"ms"}
    assert all(0 <= metric.value < 30000 for metric in durations)
    assert sum(value for name, value in counters.items() if name.startswith("gunicorn.request.status.")) == 25
    daemon.close()


def test_a_duration_is_that_of_the_request(server, gate, daemon):
    running = server("--statsd-host", daemon.host, "gate:app", env=gate.env)
    began = time.monotonic()
    with Connection(running.address) as connection:
        connection.send(request_bytes("/wait/slow"))
        gate.wait_for("slow")
        arrived = time.monotonic()
        wait_until(lambda: time.monotonic() > arrived + 0.05, "50 ms")
        gate.open("slow")
        assert connection.read_response().status == 200
    daemon.wait_for("gunicorn.requests", 1)
    (milliseconds,) = daemon.values("gunicorn.request.duration")
    assert 50 <= milliseconds <= (time.monotonic() - began) * 1000


def test_prefix_and_tags_are_in_every_line(server, daemon):
    running = server(
        "--statsd-host", daemon.host, "--statsd-prefix", "shop.web", "--dogstatsd-tags", "env:eu,tier:1", "kinds:app"
    )
    assert get(running.address, "/boom").status == 500
    daemon.wait_for("shop.web.gunicorn.requests", 1)
    daemon.wait_for("shop.web.gunicorn.workers", 1)
    daemon.wait_for("shop.web.gunicorn.log.exception", 1)
    assert all(metric.name.startswith("shop.web.gunicorn.") for metric in daemon.metrics())
    assert {metric.tags for metric in daemon.metrics()} == {"env:eu,tier:1"}


@pytest.mark.parametrize("kind", ["udp", "unix"])
def test_many_requests_share_datagrams_of_whole_lines_that_are_never_too_long(server, worker_kind, tmp_path, kind):
    daemon = Daemon(str(tmp_path / "statsd.sock") if kind == "unix" else ("127.0.0.1", 0))
    running = server(*worker_kind, "--statsd-host", daemon.host, "--keep-alive", "30", "hello:app")
    count = 300 if SANITIZED else 3000
    with Connection(running.address) as connection:
        for _ in range(count // 50):
            connection.send(request_bytes() * 50)
            for _ in range(50):
                assert connection.read_response().status == 200
            daemon.metrics()  # a unix socket holds few datagrams
    daemon.wait_for("gunicorn.requests", count)
    assert len(daemon.values("gunicorn.request.duration")) == count
    batches = [datagram for datagram in daemon.datagrams if "gunicorn.request.duration" in datagram]
    assert max(map(len, batches)) <= MOST_BYTES[daemon.is_path]
    assert len(batches) < count / 5
    daemon.close()


def test_without_a_daemon_requests_are_answered_and_nothing_is_said(server, daemon):
    daemon.close()
    running = server("--statsd-host", "127.0.0.1:1", "kinds:app")
    for _ in range(50):
        assert get(running.address, "/declared-length").status == 200
    assert running.stop() == 0
    assert "statsd" not in running.log and "WARNING" not in running.log


def test_a_daemon_that_comes_later_is_served(server, tmp_path):
    path = str(tmp_path / "statsd.sock")
    running = server("--statsd-host", "unix://" + path, "hello:app")
    assert get(running.address).status == 200
    late = Daemon(path)

    def heard():
        get(running.address)
        return late.counters()["gunicorn.requests"]

    wait_until(heard, "a metric for the late daemon")
    assert running.stop() == 0
    late.close()


def test_a_daemon_that_never_reads_blocks_nobody(server, tmp_path):
    daemon = Daemon(str(tmp_path / "statsd.sock"))
    filler = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    filler.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            filler.sendto(b"x:1|c", str(tmp_path / "statsd.sock"))
    running = server("--statsd-host", daemon.host, "kinds:app")
    for _ in range(50):
        assert get(running.address, "/declared-length").status == 200
    assert get(running.address, "/boom").status == 500
    assert running.stop() == 0
    running.wait_for_log(r"\[INFO\] statsd_host: datagrams that were not sent: \d+ \(Resource temporarily unavailable\)")
    filler.close()
    daemon.close()


def test_the_number_of_workers_is_told_when_it_changes(server, daemon):
    running = server("--workers", "2", "--statsd-host", daemon.host, "hello:app")
    running.wait_for_workers(2)
    daemon.wait_for("gunicorn.workers", 2)
    running.send_signal(signal.SIGTTIN)
    daemon.wait_for("gunicorn.workers", 3)
    running.send_signal(signal.SIGTTOU)
    wait_until(lambda: daemon.values("gunicorn.workers")[-1] == 2, "two workers again")
    assert running.stop() == 0
    told = daemon.values("gunicorn.workers")
    assert all(a != b for a, b in zip(told, told[1:])), told
    assert {metric.kind for metric in daemon.metrics() if metric.name == "gunicorn.workers"} == {"g"}


def test_the_backlog_is_told_when_it_is_asked_for(server, gate, daemon):
    running = server("--statsd-host", daemon.host, "--enable-backlog-metric", "gate:app", env=gate.env)
    daemon.wait_for("gunicorn.backlog", 0)
    with Connection(running.address) as busy:
        busy.send(request_bytes("/wait/one"))
        gate.wait_for("one")
        waiting = [Connection(running.address) for _ in range(3)]
        for connection in waiting:
            connection.send(request_bytes("/"))
        daemon.wait_for("gunicorn.backlog", 3)
        gate.open("one")
        assert busy.read_response().status == 200
        for connection in waiting:
            connection.close()
    assert {metric.kind for metric in daemon.metrics() if metric.name == "gunicorn.backlog"} == {"h"}


def test_nothing_is_said_of_the_backlog_by_default(server, daemon):
    running = server("--statsd-host", daemon.host, "hello:app")
    daemon.wait_for("gunicorn.workers", 1)
    assert running.stop() == 0
    assert daemon.values("gunicorn.backlog") == []


def test_lines_of_the_error_log_count_by_level(server, daemon, tmp_path):
    write(
        tmp_path,
        "statsd_host = %r" % daemon.host,
        "def when_ready(server):",
        "    server.log.warning('a')",
        "    server.log.critical('a')",
        "    try: 1 / 0",
        "    except ZeroDivisionError: server.log.exception('a')",
    )
    running = server("-c", "conf.py", "kinds:app")
    daemon.wait_for("gunicorn.log.warning", 1)
    daemon.wait_for("gunicorn.log.critical", 1)
    daemon.wait_for("gunicorn.log.exception", 1)
    assert get(running.address, "/boom").status == 500
    daemon.wait_for("gunicorn.log.exception", 2)
    (pid,) = running.wait_for_workers(1)
    os.kill(pid, signal.SIGKILL)
    daemon.wait_for("gunicorn.log.error", 1)  # "Worker (pid:...) was sent SIGKILL!"


METRICS_OF_HOOKS = """
def on_starting(server):
    server.log.info("", extra={"metric": "app.gauge", "value": 7, "mtype": "gauge"})
    server.log.debug("seen", extra={"metric": "app.zero", "value": 0, "mtype": "gauge"})
    server.log.info("no metric", extra={"metric": "app.unknown", "value": 1, "mtype": "set"})
    server.log.increment("app.direct", 5)
    server.log.decrement("app.down", 2)
    with open("surface", "w") as file:
        file.write(" ".join(dir(server.log)))
def post_request(worker, req):
    worker.log.info("a line", extra={"metric": "app.served", "value": 1, "mtype": "counter"})
    worker.log.info("", extra={"metric": "app.size", "value": 2.5, "mtype": "histogram"})
    worker.log.info("", extra={"metric": "app.time", "value": 1.5, "mtype": "timer"})
"""


def test_hooks_send_metrics_of_their_own(server, daemon, tmp_path):
    write(tmp_path, "statsd_host = %r" % daemon.host, "statsd_prefix = 'p'", METRICS_OF_HOOKS)
    running = server("-c", "conf.py", "--log-level", "info", "hello:app")
    for _ in range(3):
        assert get(running.address).status == 200
    daemon.wait_for("p.app.served", 3)
    daemon.wait_for("p.gunicorn.requests", 3)
    assert running.stop() == 0
    assert daemon.values("p.app.gauge") == [7] and daemon.values("p.app.zero") == [0]
    assert daemon.counters()["p.app.direct"] == 5 and daemon.counters()["p.app.down"] == -2
    kinds = {metric.name: metric.kind for metric in daemon.metrics()}
    assert (kinds["p.app.size"], kinds["p.app.time"]) == ("h", "ms")
    assert "p.app.unknown" not in kinds
    assert running.log.count("a line") == 3 and "no metric" in running.log and "seen" not in running.log
    assert daemon.counters()["p.gunicorn.requests"] == 3  # once, whoever counts
    surface = {}
    exec(read(ROOT / "python/gunicorn/_checks/surface.py"), surface)
    public = {name for name in read(tmp_path / "surface").split() if not name.startswith("_")}
    assert public == surface["ATTRIBUTES"]["log"] | surface["OF_STATSD"]


@pytest.mark.parametrize("name", ["gunicorn.instrument.statsd.Statsd", "simple"])
def test_the_stock_classes_by_name_are_as_good_as_the_default(server, daemon, name):
    running = server("--statsd-host", daemon.host, "--logger-class", name, "--access-logfile", "-", "hello:app")
    for _ in range(5):
        assert get(running.address).status == 200
    daemon.wait_for("gunicorn.requests", 5)
    assert running.stop() == 0
    assert daemon.counters()["gunicorn.requests"] == 5
    assert running.stdout.count("GET / HTTP/1.1") == 5


def test_requests_and_lines_count_once_where_python_writes_the_logs(server, daemon, tmp_path):
    write(
        tmp_path, "statsd_host = %r" % daemon.host,
        "logconfig_dict = {'version': 1, 'handlers': {'file': {'class': 'logging.FileHandler', 'filename': 'all.log'}},",
        "  'root': {'level': 'INFO', 'handlers': ['file']}, 'loggers': {'gunicorn.error': {'propagate': True},",
        "  'gunicorn.access': {'propagate': True}}}",
        "def when_ready(server): server.log.warning('ready')",
    )  # fmt: skip
    running = server.launch("-c", "conf.py", "kinds:app", bind="unix:%s" % (tmp_path / "s.sock"))
    wait_until((tmp_path / "s.sock").exists, "the socket")
    for _ in range(3):
        assert get(str(tmp_path / "s.sock"), "/declared-length").status == 200
    assert get(str(tmp_path / "s.sock"), "/boom").status == 500
    daemon.wait_for("gunicorn.requests", 4)
    daemon.wait_for("gunicorn.log.warning", 1)
    assert running.stop() == 0
    counters = daemon.counters()
    assert (counters["gunicorn.requests"], counters["gunicorn.request.status.200"]) == (4, 3)
    assert counters["gunicorn.log.warning"] == 1
    assert counters["gunicorn.log.error"] + counters["gunicorn.log.exception"] == 1
    assert read(tmp_path / "all.log").count("GET /declared-length HTTP/1.1") == 3


def test_a_subclass_of_statsd_sends_everything_by_itself(server, daemon, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from gunicorn.instrument.statsd import Statsd\n"
        "class Mine(Statsd):\n"
        "    def _sock_send(self, msg):\n"
        "        super()._sock_send('mine.' + msg)\n"
    )
    running = server("--statsd-host", daemon.host, "--logger-class", "mine.Mine", "--access-logfile", "-", "kinds:app")
    for _ in range(5):
        assert get(running.address, "/declared-length").status == 200
    assert get(running.address, "/boom").status == 500
    daemon.wait_for("mine.gunicorn.request.status.200", 5)
    daemon.wait_for("gunicorn.workers", 1)
    assert running.stop() == 0
    assert "gunicorn.requests" not in daemon.counters()
    assert daemon.counters()["mine.gunicorn.log.error"] + daemon.counters()["mine.gunicorn.log.exception"] >= 1


def test_another_logger_class_sends_nothing_and_is_told_so(server, daemon, tmp_path):
    (tmp_path / "mine.py").write_text("from gunicorn.glogging import Logger\nclass Mine(Logger): pass\n")
    running = server("--statsd-host", daemon.host, "--logger-class", "mine.Mine", "hello:app")
    running.wait_for_log(r"\[WARNING\] statsd_host: no metrics are sent: this logger_class does not derive")
    assert get(running.address).status == 200
    assert running.stop() == 0
    assert daemon.metrics() == []


def test_a_host_without_an_address_is_a_located_warning_and_no_reason_not_to_start(server, run, tmp_path):
    write(tmp_path, "statsd_host = 'no-such-host.invalid:8125'")
    checked = run("-c", "conf.py", "--check-config", "hello:app")
    assert checked.status == 0, checked
    assert checked.diagnostics == [("conf.py:1", "statsd_host", "unknown-host-name")]
    running = server("-c", "conf.py", "hello:app")
    running.wait_for_log(r"\[WARNING\] statsd_host: no metrics are sent: ")
    assert get(running.address).status == 200
    assert running.stop() == 0


def test_hup_changes_host_prefix_and_tags(server, daemon, tmp_path):
    other = Daemon()
    write(tmp_path, "statsd_host = %r" % daemon.host)
    running = server("-c", "conf.py", "hello:app")
    assert get(running.address).status == 200
    daemon.wait_for("gunicorn.requests", 1)
    write(
        tmp_path, "statsd_host = %r" % other.host, "statsd_prefix = 'b.'", "dogstatsd_tags = 't:2'",
        "def when_ready(server): pass",
        "def on_reload(server): server.log.increment('reloaded', 1)",
    )  # fmt: skip
    reload(running)
    assert get(running.address).status == 200
    other.wait_for("b.gunicorn.requests", 1)
    other.wait_for("b.gunicorn.workers", 1)
    other.wait_for("b.reloaded", 1)
    assert {metric.tags for metric in other.metrics()} == {"t:2"}

    write(tmp_path, "")
    reload(running)
    seen = other.counters()["b.gunicorn.requests"]
    assert get(running.address).status == 200
    assert running.stop() == 0
    assert other.counters()["b.gunicorn.requests"] == seen
    other.close()


def test_a_refused_reload_leaves_the_metrics_where_they_were(server, daemon, tmp_path):
    other = Daemon()
    (tmp_path / "application.py").write_text("from hello import app\n")
    write(tmp_path, "statsd_host = %r" % daemon.host, "statsd_prefix = 'old'")
    running = server("-c", "conf.py", "application:app")
    assert get(running.address).status == 200  # the worker has loaded what it is about to lose
    daemon.wait_for("old.gunicorn.requests", 1)
    (tmp_path / "application.py").write_text(
        "import os\nif os.getppid() == %d: raise SystemExit(3)\nfrom hello import app\n" % running.pid
    )
    write(tmp_path, "statsd_host = %r" % other.host, "statsd_prefix = 'new'")
    reload(running, "Reload given up")
    assert get(running.address).status == 200
    daemon.wait_for("old.gunicorn.requests", 2)
    (tmp_path / "application.py").write_text("from hello import app\n")
    running.send_signal(signal.SIGTTIN)
    wait_until(lambda: daemon.values("old.gunicorn.workers")[-1] == 2, "the second worker")
    assert "new.gunicorn.requests" not in other.counters()
    other.close()
