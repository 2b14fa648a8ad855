"""syslog: real receivers over UDP, TCP and unix sockets; slow ones, absent ones, ones that come back; rsyslog itself."""

import os
import re
import shutil
import socket
import subprocess

import pytest

from raw_http import get
from server_process import read, wait_until

DEADLINE = 30


class Datagrams:
    """A syslog daemon that takes datagrams."""

    def __init__(self, path=None):
        self.socket = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(DEADLINE)
        self.socket.bind(str(path) if path else ("127.0.0.1", 0))
        self.lines = []

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def read_until(self, text):
        while not any(text in line for line in self.lines):
            self.lines.append(self.socket.recv(65536).decode())
        return next(line for line in self.lines if text in line)


class Streams:
    """A syslog daemon that takes connections; each line ends with a newline."""

    def __init__(self, path=None, port=0):
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(str(path) if path else ("127.0.0.1", port))
        self.listener.listen(16)
        self.listener.setblocking(False)
        self.connections = []
        self.bytes = b""

    @property
    def port(self):
        return self.listener.getsockname()[1]

    def pump(self):
        try:
            while True:
                connection = self.listener.accept()[0]
                connection.setblocking(False)
                self.connections.append([connection, b""])
        except BlockingIOError:
            pass
        for one in self.connections:
            try:
                one[1] += one[0].recv(1 << 20)
            except (BlockingIOError, ConnectionResetError):
                pass

    @property
    def lines(self):
        self.pump()
        return [line.decode() for _, data in self.connections for line in data.split(b"\n") if line]

    def read_until(self, text):
        wait_until(lambda: any(text in line for line in self.lines), lambda: "%r in %s" % (text, self.lines[-20:]))
        return next(line for line in self.lines if text in line)

    def close(self):
        self.listener.close()
        for connection, _ in self.connections:
            connection.close()


PREFIX = r"<(\d+)>gunicorn\.%s\.%s: \[(\d+)\] "


def test_both_logs_go_to_a_daemon_over_udp(server, worker_kind):
    daemon = Datagrams()
    running = server(*worker_kind, "--log-syslog", "--log-syslog-to", "udp://127.0.0.1:%d" % daemon.port, "hello:app")
    line = daemon.read_until("Starting gunicorn")
    found = re.match(PREFIX % ("hello.app", "error"), line)
    assert found and found.groups() == (str(1 << 3 | 6), str(running.pid)), line  # user.info
    get(running.address, "/x?y")
    line = daemon.read_until("/x?y")
    assert re.match(PREFIX % ("hello.app", "access") + r'127\.0\.0\.1 - - \[.*\] "GET /x\?y HTTP/1.1" 200 6 "-" ".*"$', line), line
    assert running.stop() == 0
    daemon.read_until("Shutting down: Master")
    assert "Starting gunicorn" in running.stderr  # the error log itself is as it was
    assert running.stdout == ""


def test_prefix_and_facility_are_told_and_the_access_log_may_stay_out(server, worker_kind, tmp_path):
    daemon = Datagrams(tmp_path / "log")
    options = ["--log-syslog", "--log-syslog-to", "unix://%s#dgram" % (tmp_path / "log"), "--log-syslog-prefix", "shop%s"]
    running = server(*worker_kind, *options, "--log-syslog-facility", "LOCAL3", "--disable-redirect-access-to-syslog", "kinds:app")
    get(running.address, "/declared-length")
    get(running.address, "/boom")
    line = daemon.read_until("Error handling request /boom")
    assert re.match(PREFIX % ("shop%s", "error"), line)[1] == str(19 << 3 | 3), line
    assert running.stop() == 0
    daemon.read_until("Shutting down")
    assert not any("declared-length" in line for line in daemon.lines)


@pytest.mark.parametrize("kind", ["tcp", "unix stream", "unix found out"])
def test_over_a_stream_each_entry_is_one_line(server, worker_kind, tmp_path, kind):
    path = tmp_path / "log"
    daemon = Streams(None if kind == "tcp" else path)
    suffix = "#stream" if kind == "unix stream" else ""
    address = "tcp://localhost:%d" % daemon.port if kind == "tcp" else "unix://%s%s" % (path, suffix)
    running = server(*worker_kind, "--log-syslog", "--log-syslog-to", address, "kinds:app")
    daemon.read_until("Starting gunicorn")
    get(running.address, "/boom")
    line = daemon.read_until("Error handling request /boom")
    assert "#012Traceback" in line and "RuntimeError: the application failed" in line
    assert all(re.match(PREFIX % ("kinds.app", "(error|access)"), line) for line in daemon.lines), daemon.lines
    assert running.stop() == 0
    daemon.read_until("Shutting down: Master")
    daemon.close()


def test_a_path_without_a_suffix_may_take_datagrams(server, tmp_path):
    daemon = Datagrams(tmp_path / "log")
    server("--log-syslog", "--log-syslog-to", "unix://%s" % (tmp_path / "log"), "hello:app")
    daemon.read_until("Starting gunicorn")


ABSENT = ["udp://127.0.0.1:%d", "tcp://127.0.0.1:%d", "unix://nobody", "unix://nobody#stream", "udp://no-such-host.invalid:514"]


@pytest.mark.parametrize("address", ABSENT)
def test_a_server_whose_daemon_is_absent_serves(server, worker_kind, address):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = address % free.getsockname()[1] if "%d" in address else address
    running = server(*worker_kind, "--log-syslog", "--log-syslog-to", address, "kinds:app")
    for _ in range(20):
        assert get(running.address, "/declared-length").status == 200
    get(running.address, "/boom")
    running.wait_for_log("Error handling request /boom")
    assert running.stop() == 0


@pytest.mark.parametrize("kind", ["tcp", "unix stream", "unix dgram"])
def test_a_daemon_that_never_reads_stops_nothing_and_is_told_what_was_lost(server, worker_kind, tmp_path, kind):
    path = tmp_path / "log"
    daemon = Datagrams(path) if kind == "unix dgram" else Streams(None if kind == "tcp" else path)
    address = "tcp://127.0.0.1:%d" % daemon.port if kind == "tcp" else "unix://%s#%s" % (path, kind.split()[1])
    (tmp_path / "noisy.py").write_text(
        "import logging\nlog = logging.getLogger('gunicorn.error')\n"
        "def app(environ, start_response):\n"
        "    for number in range(500):\n        log.info('%d %s', number, 'x' * 4000)\n"
        "    start_response('200 OK', [])\n    return [b'done']\n"
    )
    options = ["--log-syslog", "--log-syslog-to", address, "--disable-redirect-access-to-syslog"]
    running = server(*worker_kind, *options, "--error-logfile", "error.log", "noisy:app", errorlog=tmp_path / "error.log")
    for _ in range(10):  # 20 MB, far more than buffers and MOST_LINES hold
        assert get(running.address).body == b"done"
    if kind == "unix dgram":
        daemon.read_until("lines were lost while it did not listen")
    else:
        wait_until(lambda: daemon.pump() or re.search(r"syslog: \d+ lines were lost", running.log), "the loss is told")
    assert running.stop() == 0
    lost = sum(map(int, re.findall(r"syslog: (\d+) lines were lost", running.log)))
    assert 0 < lost < 5000


@pytest.mark.parametrize("kind", ["tcp", "unix dgram"])
def test_a_daemon_that_goes_away_and_comes_back_is_found_again(server, worker_kind, tmp_path, kind):
    path = tmp_path / "log"
    daemon = Datagrams(path) if kind == "unix dgram" else Streams()
    port = 0 if kind == "unix dgram" else daemon.port
    address = "tcp://127.0.0.1:%d" % port if port else "unix://%s#dgram" % path
    running = server(*worker_kind, "--log-syslog", "--log-syslog-to", address, "hello:app")
    get(running.address, "/before")
    daemon.read_until("/before")
    daemon.close() if port else daemon.socket.close()
    if not port:
        path.unlink()
    get(running.address, "/meanwhile")
    daemon = Streams(port=port) if port else Datagrams(path)
    daemon.read_until("/meanwhile")  # it has waited
    get(running.address, "/after")
    daemon.read_until("/after")
    assert running.stop() == 0


def test_what_nobody_heard_over_udp_is_counted(server, tmp_path):
    daemon = Datagrams()
    port = daemon.port
    running = server("--log-syslog", "--log-syslog-to", "udp://127.0.0.1:%d" % port, "hello:app")
    get(running.address, "/before")
    daemon.read_until("/before")
    daemon.socket.close()
    for _ in range(5):
        get(running.address, "/lost")
    daemon.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    daemon.socket.settimeout(DEADLINE)
    daemon.socket.bind(("127.0.0.1", port))
    get(running.address, "/back")
    get(running.address, "/told")
    # The last line may be written when its answer was read already.
    assert re.search("syslog: [45] lines were lost", daemon.read_until("lines were lost"))
    running.wait_for_log("syslog: [45] lines were lost")


WRONG = [("syslog_facility = 'locale0'", "not-a-choice"), ("syslog_addr = 'localhost:514'", "not-an-address"),
         ("syslog_addr = 'unix:///dev/log#raw'", "not-an-address"), ("syslog_addr = 'udp://host:x'", "not-an-address")]  # fmt: skip


@pytest.mark.parametrize("text, code", WRONG)
def test_a_wrong_address_or_facility_is_found_where_syslog_is_on(run, tmp_path, text, code):
    (tmp_path / "conf.py").write_text("syslog = True\n%s\n" % text)
    for options in (["--check-config"], ["--bind", "127.0.0.1:0"]):
        ended = run("-c", "conf.py", *options, "hello:app")
        assert (ended.status, ended.diagnostics) == (1, [("conf.py:2", text.split()[0], code)]), ended
    (tmp_path / "conf.py").write_text(text + "\n")
    assert run("-c", "conf.py", "--check-config", "hello:app").status == 0


needs_rsyslog = pytest.mark.skipif(shutil.which("rsyslogd") is None, reason="skipped: rsyslog is not installed")


@needs_rsyslog
@pytest.mark.parametrize("kind", ["udp", "tcp", "unix"])
def test_rsyslog_files_each_entry_under_its_facility_and_name(server, worker_kind, tmp_path, kind):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    inputs = {
        "udp": 'module(load="imudp")\ninput(type="imudp" address="127.0.0.1" port="%d")\n' % port,
        "tcp": 'module(load="imtcp")\ninput(type="imtcp" address="127.0.0.1" port="%d")\n' % port,
        "unix": 'module(load="imuxsock" SysSock.Use="off")\ninput(type="imuxsock" Socket="%s")\n' % (tmp_path / "log"),
    }
    out = tmp_path / "out"
    (tmp_path / "rsyslog.conf").write_text(
        'global(workDirectory="%s")\n' % tmp_path
        + inputs[kind]
        + 'template(name="t" type="string" string="%syslogfacility-text%|%syslogseverity-text%|%programname%|%msg%\\n")\n'
        + 'action(type="omfile" file="%s" template="t" fileCreateMode="0644")\n' % out
    )
    command = ["rsyslogd", "-n", "-iNONE", "-f", str(tmp_path / "rsyslog.conf")]
    daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ready = {"udp": "/proc/net/udp", "tcp": "/proc/net/tcp"}
        wait_until(
            lambda: ":%04X " % port in read(ready[kind]) if kind in ready else os.path.exists(tmp_path / "log"), "rsyslogd listens"
        )
        address = "unix://%s" % (tmp_path / "log") if kind == "unix" else "%s://127.0.0.1:%d" % (kind, port)
        options = ["--log-syslog", "--log-syslog-to", address, "--log-syslog-facility", "local5", "--log-syslog-prefix", "shop"]
        running = server(*worker_kind, *options, "kinds:app")
        get(running.address, "/declared-length?rsyslog")
        get(running.address, "/boom")
        wait_until(lambda: "/boom" in read(out) and "?rsyslog" in read(out), lambda: "entries: " + read(out))
        lines = read(out).splitlines()
        assert all(re.match(r"local5\|(info|err|warning)\|gunicorn\.shop\.(error|access)\|", line) for line in lines), lines
        assert any("#012Traceback" in line for line in lines), lines
        assert running.stop() == 0
    finally:
        daemon.terminate()
        daemon.wait(DEADLINE)
