"""log_format and access_log_format = "json": one object a line, with the fields that docs/logging.md names. And
access_log_exclude."""

import datetime
import json
import re

import pytest

from raw_http import Connection, get
from server_process import read, wait_until

ACCESS_FIELDS = ["time", "remote_addr", "user", "method", "target", "path", "query", "protocol", "status", "bytes", "duration",
                 "referer", "user_agent", "pid"]
ERROR_FIELDS = ["time", "level", "pid", "logger", "message"]


def objects(path, count):
    """What the lines of a log say, once there are `count`."""
    wait_until(lambda: read(path).count("\n") >= count, lambda: "%d lines: %s" % (count, read(path)))
    return [json.loads(line) for line in read(path).splitlines()]


def is_rfc3339(text):
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d", text) and datetime.datetime.fromisoformat(text)


def test_each_access_line_is_an_object_with_every_field(server, worker_kind, tmp_path):
    log = tmp_path / "a.log"
    running = server(*worker_kind, "--access-logfile", log, "--access-logformat", "json", "hello:app")
    get(running.address, "/p%20%C3%A4?x=1", [("Referer", "http://r/"), ("User-Agent", 'a "b" \\'), ("Authorization", "Basic dXNlcjpw")])
    (worker,) = running.wait_for_workers(1)
    (line,) = objects(log, 1)
    assert list(line) == ACCESS_FIELDS
    assert is_rfc3339(line.pop("time")) and 0 <= line.pop("duration") < 30
    assert line == {
        "remote_addr": "127.0.0.1", "user": "user", "method": "GET", "target": "/p%20%C3%A4?x=1", "path": "/p ä", "query": "x=1",
        "protocol": "HTTP/1.1", "status": 200, "bytes": 6, "referer": "http://r/", "user_agent": 'a "b" \\', "pid": worker,
    }  # fmt: skip


def test_a_request_that_cannot_be_read_has_the_same_fields(server, worker_kind, tmp_path):
    log = tmp_path / "a.log"
    running = server(*worker_kind, "--access-logfile", log, "--access-logformat", "json", "hello:app")
    with Connection(running.address) as connection:
        connection.send(b"GET /\xff HTTP/1.1\r\nHost: x\r\nBad Field: \x00\r\n\r\n")
        assert connection.read_response().status == 400
    (line,) = objects(log, 1)
    assert list(line) == ACCESS_FIELDS
    assert (line["status"], line["path"], line["user_agent"]) == (400, None, None)
    assert (line["method"], line["protocol"]) == ("GET", "HTTP/1.1") and line["target"] == "/\ufffd"


def test_the_access_log_of_a_unix_socket_has_no_address(server, tmp_path):
    log = tmp_path / "a.log"
    running = server("--access-logfile", log, "--access-logformat", "json", "hello:app", bind="unix:%s" % (tmp_path / "s.sock"))
    get(running.address)
    assert objects(log, 1)[0]["remote_addr"] is None


LOGS = """
import logging
def app(environ, start_response):
    logger = logging.getLogger("gunicorn.error")
    logger.info('said "%s"\\n', "so")
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("oh")
    if environ["PATH_INFO"] == "/boom":
        raise RuntimeError("line 1\\nline 2 \\x1b \\udcff")
    start_response("200 OK", [])
    return []
"""


def test_every_line_of_the_error_log_is_an_object(server, worker_kind, tmp_path):
    (tmp_path / "logs.py").write_text(LOGS)
    log = tmp_path / "e.log"
    running = server(*worker_kind, "--log-format", "JSON", "--error-logfile", log, "logs:app", errorlog=log)
    get(running.address)
    get(running.address, "/boom")
    assert running.stop() == 0
    lines = objects(log, 1)
    assert running.stderr == ""
    for line in lines:
        assert list(line)[:5] == ERROR_FIELDS
        assert is_rfc3339(line["time"]) and line["logger"] == "gunicorn.error" and line["pid"] > 0
        assert line["level"] in ("INFO", "WARNING", "ERROR")
    messages = [line["message"] for line in lines]
    assert any(message.startswith("Starting gunicorn") for message in messages)
    assert messages.count('said "so"\n') == 2
    raised = [line for line in lines if line["message"] == "oh"]
    assert len(raised) == 2 and all(line["exc_info"].endswith("ZeroDivisionError: division by zero") for line in raised)
    (failed,) = [message for message in messages if message.startswith("Error handling request /boom")]
    assert "Traceback (most recent call last)" in failed and "RuntimeError: line 1\nline 2 \x1b" in failed


def test_another_word_is_refused_as_log_format(run):
    ended = run("--check-config", "--log-format", "logfmt", "hello:app")
    assert ended.status == 1
    assert [(one.setting, one.name) for one in ended.findings] == [("log_format", "not-a-choice")]


SUBCLASS = """
from gunicorn.glogging import Logger
class Mine(Logger):
    def access(self, resp, req, environ, request_time):
        super().access(resp, req, environ, request_time)
        self.info("mine %s", environ["PATH_INFO"])
logger_class = Mine
"""


def test_a_logger_class_writes_the_same_json(server, worker_kind, tmp_path):
    log = tmp_path / "a.log"
    (tmp_path / "conf.py").write_text(SUBCLASS + "access_log_format = log_format = 'json'\n")
    running = server(*worker_kind, "-c", "conf.py", "--access-logfile", log, "--error-logfile", "e.log", "hello:app",
                     errorlog=tmp_path / "e.log")
    get(running.address, "/p%20%C3%A4", [("User-Agent", "a\xff")])
    (line,) = objects(log, 1)
    assert list(line) == ACCESS_FIELDS and is_rfc3339(line["time"])
    assert (line["path"], line["user_agent"], line["status"], line["bytes"]) == ("/p ä", "a\ufffd", 200, 6)
    running.wait_for_log('"message":"mine /p ')
    for error in objects(tmp_path / "e.log", 1):
        assert list(error)[:5] == ERROR_FIELDS


# access_log_exclude


def test_excluded_requests_have_no_line(server, worker_kind, tmp_path):
    log = tmp_path / "a.log"
    (tmp_path / "conf.py").write_text("access_log_exclude = ['/declared-length 2xx', '/gen*', '* 400']\n")
    running = server(*worker_kind, "-c", "conf.py", "--access-logfile", log, "--access-logformat", "%(r)s %(s)s", "kinds:app")
    with Connection(running.address) as connection:
        connection.send(b"garbage\r\n\r\n")
        connection.read_response()
    for path in ("/declared-length", "/declared%2Dlength", "/generator", "/no-content", "/boom"):
        get(running.address, path)
    get(running.address, "/last")
    wait_until(lambda: "/last" in read(log), "the last line")
    assert [line.split()[1] for line in read(log).splitlines()] == ["/no-content", "/boom", "/last"]


def test_a_logger_class_is_not_called_for_excluded_requests(server, worker_kind, tmp_path):
    (tmp_path / "conf.py").write_text(SUBCLASS + "access_log_exclude = ['/health* 200']\n")
    running = server(*worker_kind, "-c", "conf.py", "--access-logfile", "a.log", "hello:app")
    for path in ("/healthz", "/other", "/health", "/last"):
        get(running.address, path)
    running.wait_for_log("mine /last")
    assert re.findall("mine (.*)", running.log) == ["/other", "/last"]
    assert read(tmp_path / "a.log").count("\n") == 2


@pytest.mark.parametrize("entry, help", [("healthz", "did you mean '/healthz'?"), ("/a abc", "a status is written 404")])
def test_an_exclusion_that_means_nothing_is_found_by_a_check(run, tmp_path, entry, help):
    (tmp_path / "conf.py").write_text("accesslog = '-'\naccess_log_exclude = ['/ok', %r]\n" % entry)
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert ended.status == 1
    assert [(one.setting, one.name, one.line) for one in ended.findings] == [
        ("access_log_exclude", "bad-log-exclusion", "conf.py:2")]
    assert help in ended.findings[0].help


def test_environ_atoms_have_any_case(server, worker_kind, tmp_path):
    log = tmp_path / "a.log"
    (tmp_path / "own.py").write_text(
        "def app(environ, start_response):\n"
        "    environ['myApp.User'] = 'me'\n"
        "    start_response('200 OK', [])\n"
        "    return []\n"
    )
    shown = "%({SERVER_PORT}e)s %({server_port}e)s %({Wsgi.Multiprocess}e)s %({myapp.user}e)s %({HTTP_X}e)s %({none}e)s"
    running = server(*worker_kind, "--access-logfile", log, "--access-logformat", shown, "own:app")
    get(running.address, "/", [("X", "x")])
    wait_until(lambda: read(log).count("\n") == 1, "a line")
    port = str(running.address[1])
    assert read(log).split() == [port, port, "False", "me", "x", "-"]
