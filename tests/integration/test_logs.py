"""The error log, the access log, and what USR1 does to them."""

import os
import re
import signal

import pytest

from raw_http import Connection, Truncated, get, request_bytes
from server_process import read, wait_until


def lines_of(path, count):
    """The lines of a log, once there are `count`."""
    return wait_until(
        lambda: [read(path).splitlines()] if len(read(path).splitlines()) >= count else None,
        lambda: "%d lines in %s: %s" % (count, path, read(path)),
    )[0]


def test_the_error_log_has_gunicorns_format(server):
    running = server("hello:app")
    get(running.address)
    assert running.stop() == 0
    stamp = r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[\d+\] \[INFO\] "
    for line in running.stderr.splitlines():
        assert re.match(stamp + r"\S", line), line
    master = r"\[%d\] \[INFO\] " % running.pid
    assert re.search(master + r"Starting gunicorn \d+\.\d+\.\d+\n", running.log)
    assert re.search(master + r"Listening at: http://127\.0\.0\.1:\d+ \(%d\)\n" % running.pid, running.log)
    assert re.search(master + r"Using worker: sync\n", running.log)
    for pid in running.boots():
        assert re.search(r"\[%d\] \[INFO\] Worker exiting \(pid: %d\)" % (pid, pid), running.log)
    assert running.stdout == ""


@pytest.mark.parametrize(
    "level, shown, hidden", [("debug", "GET /", None), ("warning", None, "Starting"), ("ERROR", None, "Starting")]
)
def test_loglevel_decides_what_is_written(server, tmp_path, level, shown, hidden):
    path = tmp_path / "s.sock"
    running = server.launch("--log-level", level, "hello:app", bind="unix:%s" % path)
    wait_until(path.exists, "the socket")
    assert get(str(path)).status == 200
    assert running.stop() == 0
    assert shown is None or shown in running.stderr
    assert hidden is None or hidden not in running.stderr


def test_the_error_log_goes_to_a_file(server, tmp_path):
    running = server("--error-logfile", tmp_path / "error.log", "kinds:app", errorlog=tmp_path / "error.log")
    assert get(running.address, "/boom").status == 500
    running.wait_for_log("RuntimeError: the application failed")
    assert running.stop() == 0
    assert "Shutting down: Master" in running.log
    assert running.stderr == ""


@pytest.mark.parametrize("option", ["--error-logfile", "--access-logfile"])
def test_a_log_that_cannot_be_written_is_exit_1(server, option):
    running = server.launch(option, "/nonexistent/folder/log", "hello:app")
    assert running.wait() == 1
    assert "/nonexistent/folder/log" in running.stderr and "Traceback" not in running.stderr


def test_the_access_log_goes_to_standard_output(server, worker_kind):
    running = server(*worker_kind, "--access-logfile", "-", "hello:app")
    get(running.address, "/path?q=1", [("User-Agent", 'my "agent"'), ("Referer", "http://r/")])
    (line,) = lines_of(running.stdout_path, 1)
    assert re.fullmatch(
        r'127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET /path\?q=1 HTTP/1\.1" 200 6 '
        r'"http://r/" "my \\"agent\\""',
        line,
    ), line


def test_there_is_no_access_log_unless_it_is_asked_for(server):
    running = server("hello:app")
    get(running.address, "/path")
    running.stop()
    assert running.stdout == "" and "/path" not in running.stderr


FORMAT = "%(h)s|%(u)s|%(r)s|%(m)s|%(U)s|%(q)s|%(H)s|%(s)s|%(B)s|%(b)s|%(f)s|%(a)s|%(p)s"
FORMAT += "|%({x-in}i)s|%({X-Out}o)s|%({wsgi.url_scheme}e)s|%({nope}i)s|%%"


def test_the_access_log_format_knows_every_atom(server, worker_kind, tmp_path):
    (tmp_path / "out.py").write_text(
        "def app(environ, start_response):\n"
        "    start_response('202 Accepted', [('X-Out', 'o')])\n"
        "    return [b'12', b'345']\n"
    )
    running = server(*worker_kind, "--access-logfile", tmp_path / "a.log", "--access-logformat", FORMAT, "out:app")
    get(running.address, "/p%20q?x=1", [("X-In", "i"), ("Authorization", "Basic dXNlcjpwYXNz")])
    (line,) = lines_of(tmp_path / "a.log", 1)
    (worker,) = running.wait_for_workers(1)
    assert line.split("|") == [
        "127.0.0.1", "user", "GET /p%20q?x=1 HTTP/1.1", "GET", "/p q", "x=1", "HTTP/1.1", "202", "5", "5", "-", "-",
        "<%d>" % worker, "i", "o", "http", "-", "%",
    ]  # fmt: skip


def test_the_times_of_the_access_log_are_of_the_request(server, worker_kind, tmp_path):
    (tmp_path / "slow.py").write_text(
        "import time\n"
        "def app(environ, start_response):\n"
        "    time.sleep(0.3)\n"
        "    start_response('200 OK', [])\n"
        "    return []\n"
    )
    running = server(
        *worker_kind, "--access-logfile", tmp_path / "a.log", "--access-logformat", "%(T)s %(M)s %(D)s %(L)s", "slow:app"
    )
    get(running.address)
    (line,) = lines_of(tmp_path / "a.log", 1)
    seconds, milliseconds, microseconds, decimal = map(float, line.split())
    assert 300_000 <= microseconds < 30_000_000
    assert int(milliseconds) == int(microseconds) // 1000
    assert seconds == int(decimal) and abs(decimal * 1e6 - microseconds) < 2


def test_each_answer_has_its_line_in_the_access_log(server, worker_kind, tmp_path):
    log = tmp_path / "a.log"
    running = server(*worker_kind, "--access-logfile", log, "--access-logformat", "%(r)s %(s)s %(B)s", "kinds:app")
    get(running.address, "/declared-length")
    get(running.address, "/declared-length", method="HEAD")
    get(running.address, "/generator")
    get(running.address, "/rest-of-file")
    get(running.address, "/write-calls")
    get(running.address, "/boom")
    get(running.address, "/no-content")
    with Connection(running.address) as connection:
        connection.send(request_bytes("/boom-in-the-middle"))
        with pytest.raises(Truncated):
            connection.read_response()
    assert lines_of(log, 8) == [
        "GET /declared-length HTTP/1.1 200 5",
        "HEAD /declared-length HTTP/1.1 200 0",
        "GET /generator HTTP/1.1 200 35",
        "GET /rest-of-file HTTP/1.1 200 10",
        "GET /write-calls HTTP/1.1 200 18",
        "GET /boom HTTP/1.1 500 111",
        "GET /no-content HTTP/1.1 204 0",
        "GET /boom-in-the-middle HTTP/1.1 200 11",
    ]


def test_a_malformed_request_has_its_line_in_the_access_log(server, worker_kind, tmp_path):
    log = tmp_path / "a.log"
    running = server(*worker_kind, "--access-logfile", log, "--access-logformat", "%(h)s %(s)s %(B)s", "hello:app")
    with Connection(running.address) as connection:
        connection.send(b"garbage\r\n\r\n")
        refusal = connection.read_response()
    assert lines_of(log, 1) == ["127.0.0.1 400 %d" % len(refusal.body)]


def test_a_request_that_is_refused_for_its_headers_is_named_in_the_access_log(server, worker_kind, tmp_path):
    log = tmp_path / "a.log"
    (tmp_path / "conf.py").write_text("header_map = 'refuse'\n")
    running = server(*worker_kind, "-c", "conf.py", "--access-logfile", log, "--access-logformat", "%(r)s %(s)s", "hello:app")
    assert get(running.address, "/path?x", [("A_B", "c")]).status == 400
    assert lines_of(log, 1) == ["GET /path?x HTTP/1.1 400"]


def test_a_client_cannot_forge_lines_of_the_access_log(server, worker_kind, tmp_path):
    log = tmp_path / "a.log"
    running = server(*worker_kind, "--access-logfile", log, "hello:app")
    get(running.address, '/a"b%0Ac', [("User-Agent", 'x" 200 1 "-"')])
    (line,) = lines_of(log, 1)
    assert '"x\\" 200 1 \\"-\\""' in line and '/a\\"b%0Ac' in line


@pytest.mark.parametrize("workers", [1, 2])
def test_usr1_reopens_the_logs_of_master_and_workers(server, worker_kind, tmp_path, workers):
    error, access = tmp_path / "error.log", tmp_path / "access.log"
    running = server(
        *worker_kind, "--workers", workers, "--error-logfile", error, "--access-logfile", access, "kinds:app", errorlog=error
    )
    running.wait_for_workers(workers)
    get(running.address, "/before")
    lines_of(access, 1)
    error.rename(tmp_path / "error.1")
    access.rename(tmp_path / "access.1")
    running.send_signal(signal.SIGUSR1)
    wait_until(error.exists, "a new error log")

    def reopened_by(pid):
        targets = [os.readlink("/proc/%d/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%d/fd" % pid)]
        return str(error) in targets and str(access) in targets and not any(t.endswith(".1") for t in targets)

    def all_reopened():
        try:
            return all(reopened_by(pid) for pid in [running.pid] + running.workers())
        except FileNotFoundError:
            return False

    wait_until(all_reopened, "every process has the new files open, and no old one")
    old = read(tmp_path / "error.1"), read(tmp_path / "access.1")
    for _ in range(4):
        get(running.address, "/boom")
    assert all("/boom" in line for line in lines_of(access, 4))
    wait_until(lambda: read(error).count("RuntimeError: the application failed") == 4, "errors of the workers in the new file")
    assert running.stop() == 0
    assert "Shutting down: Master" in read(error)
    assert (read(tmp_path / "error.1"), read(tmp_path / "access.1")) == old


def test_print_of_the_application_goes_to_standard_output(server, tmp_path):
    (tmp_path / "prints.py").write_text(
        "def app(environ, start_response):\n"
        "    print('from the application', flush=True)\n"
        "    start_response('200 OK', [])\n"
        "    return []\n"
    )
    running = server("prints:app")
    get(running.address)
    wait_until(lambda: "from the application" in running.stdout, "the line")


def test_the_stock_loggers_reach_the_error_log(server, worker_kind, tmp_path):
    (tmp_path / "logs.py").write_text(
        "import logging\n"
        "def app(environ, start_response):\n"
        "    logging.getLogger('gunicorn.error').warning('said %s', 'so')\n"
        "    start_response('200 OK', [])\n"
        "    return []\n"
    )
    running = server(*worker_kind, "logs:app")
    get(running.address)
    running.wait_for_log(r"\[\d+\] \[WARNING\] said so")


LOGGER = """
from gunicorn.glogging import Logger
class Mine(Logger):
    def access(self, resp, req, environ, request_time):
        super().access(resp, req, environ, request_time)
        self.info("mine: %s %s %s %s", resp.status, req.method, environ["PATH_INFO"], request_time.total_seconds() >= 0)
    def error(self, msg, *args, **kwargs):
        super().error("mine: " + msg, *args, **kwargs)
"""


@pytest.mark.parametrize("by", ["class", "path"])
def test_a_logger_class_is_called_for_every_line(server, worker_kind, tmp_path, by):
    (tmp_path / "my_logger.py").write_text(LOGGER)
    config = tmp_path / "c.py"
    config.write_text(LOGGER + "logger_class = Mine\n" if by == "class" else "logger_class = 'my_logger.Mine'\n")
    running = server(*worker_kind, "-c", config, "--access-logfile", "-", "kinds:app")
    get(running.address, "/declared-length")
    running.wait_for_log("mine: 200 OK GET /declared-length True")
    (line,) = lines_of(running.stdout_path, 1)
    assert '"GET /declared-length HTTP/1.1" 200 5' in line
    get(running.address, "/boom")
    running.wait_for_log("mine: Error handling request /boom")


def test_the_logger_named_simple_is_the_stock_one(server):
    running = server("--logger-class", "simple", "--access-logfile", "-", "hello:app")
    get(running.address, "/x")
    assert '"GET /x HTTP/1.1" 200 6' in lines_of(running.stdout_path, 1)[0]
