"""A worker that dies of a fault of its own leaves its stacks and its request in the error log, and dies of that signal."""

import os
import re
import signal

import pytest

from raw_http import Connection, get, request_bytes
from server_process import SANITIZED

pytestmark = pytest.mark.skipif(SANITIZED, reason="the sanitizer reports faults itself")

CRASHING = """
import ctypes, os, signal, sys
resource = __import__("resource")
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

def crash_of_null():
    ctypes.string_at(0)

def crash_of_abort():
    os.abort()

def crash_of_recursion():
    sys.setrecursionlimit(10**8)
    def deeper(_):
        return list(map(deeper, [0]))
    deeper(0)

def crash_of_signal():
    signal.raise_signal(signal.SIGFPE)

def app(environ, start_response):
    function = globals().get("crash_of_" + environ["PATH_INFO"].strip("/"))
    if function:
        function()
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
"""


@pytest.fixture
def crashing(server, tmp_path):
    (tmp_path / "crashing.py").write_text(CRASHING)

    def start(*arguments, **options):
        return server(*arguments, "crashing:app", **options)

    return start


def crash(running, what):
    """Sends the request; the pid that served it."""
    pid = int(get(running.address, "/").body)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/" + what))
        connection.read_to_end()
    return pid


@pytest.mark.parametrize("what, signo", [("null", "SEGV"), ("abort", "ABRT"), ("recursion", "SEGV"), ("signal", "FPE")])
def test_a_crash_leaves_the_request_and_both_stacks(crashing, worker_kind, what, signo):
    running = crashing(*worker_kind)
    pid = crash(running, what)
    running.wait_for_log(r"Worker \(pid:%d\) was sent SIG%s!" % (pid, signo))
    report = running.log[running.log.index("Worker (pid:%d) dies of SIG%s" % (pid, signo)) :]
    assert "while handling: GET /%s\n" % what in report
    native, python = report.split("Fatal Python error:", 1)
    assert "Native stack" in native and len(re.findall(r"\(.*\+0x[0-9a-f]+\)\s*\[0x", native)) > 3
    assert re.search(r'File ".*crashing.py", line \d+ in (crash_of_%s|deeper)' % what, python)
    assert int(get(running.address, "/").body) != pid


def test_the_report_goes_to_the_error_log(crashing):
    running = crashing("--error-logfile", "errors", errorlog="../errors")
    crash(running, "null")
    running.wait_for_log("dies of SIGSEGV")
    running.wait_for_log("Fatal Python error: Segmentation fault")
    assert "SIGSEGV" not in running.stderr and "Fatal Python error" not in running.stderr


def test_a_user_who_wants_the_python_stacks_elsewhere_gets_them_there(crashing):
    running = crashing("--error-logfile", "errors", errorlog="../errors", env={"PYTHONFAULTHANDLER": "1"})
    crash(running, "null")
    running.wait_for_log("was sent SIGSEGV!")
    assert "Native stack" in running.log and "Fatal Python error" not in running.log
    assert "Fatal Python error: Segmentation fault" in running.stderr


def test_a_worker_that_somebody_aborts_has_not_crashed(crashing, worker_kind):
    running = crashing(*worker_kind)
    pid = int(get(running.address, "/").body)
    os.kill(pid, signal.SIGABRT)
    running.wait_for_log(r"Worker \(pid:%d\) exited with code 1" % pid)
    assert "dies of" not in running.log


def test_a_crash_at_import_is_reported_too(server, tmp_path):
    (tmp_path / "broken.py").write_text("import ctypes\nctypes.string_at(0)\n")
    running = server.launch("broken:app")
    running.wait_for_log(r"dies of SIGSEGV at address 0x0\n")
    running.wait_for_log(r'File ".*broken.py", line 2 in <module>')
    running.stop()
