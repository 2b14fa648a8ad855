"""Each example configuration loads and serves each example application, also under load."""

import re
import shutil
import subprocess

import pytest

from raw_http import get
from server_process import EXAMPLES, SANITIZED

CONFIGS = {path.stem: ("-c", str(path)) for path in sorted((EXAMPLES / "configs").glob("*.py"))}
del CONFIGS["tls"]  # needs certificates: test_tls_docs.py
CONFIGS.update({path.stem: ("--paste", str(path)) for path in sorted((EXAMPLES / "configs").glob("*.ini"))})
APPLICATIONS = {
    "hello:app": b"hello\n",
    "flask_app:app": b"hello from Flask\n",
    "django_app:app": b"hello from Django\n",
    "validated:app": b"GET / ",
}
# Every pair without sanitizers; with them the frameworks are slow, and some pairs say as much.
LOADED = [(name, app) for name in CONFIGS for app in APPLICATIONS
          if app == "hello:app" or name in ("minimal", "threads") or not SANITIZED]
REQUESTS = 10_000


def test_the_examples_are_all_here():
    assert {"minimal", "production", "hooks", "paste", "threads", "json_logs"} <= set(CONFIGS)


@pytest.mark.parametrize("name", CONFIGS)
def test_an_example_passes_check_config_without_a_word(run, name):
    ended = run(*CONFIGS[name], "--pythonpath", EXAMPLES, "--check-config", "hello:app")
    assert (ended.status, ended.diagnostics) == (0, []), ended


@pytest.mark.parametrize("app", APPLICATIONS)
@pytest.mark.parametrize("name", CONFIGS)
def test_an_example_serves(server, name, app):
    running = server(*CONFIGS[name], "--pythonpath", EXAMPLES, "--workers", "2", app)
    response = get(running.address)
    assert (response.status, response.body) == (200, APPLICATIONS[app])
    assert running.stop() == 0
    assert "[ERROR]" not in running.log and "Traceback" not in running.log


needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed (apt-get install wrk)")


def load(running, *options):
    """A second of requests on 16 connections, none of which may fail. How many there were."""
    command = ["wrk", "-t1", "-c16", "-d1s", *options, "http://%s:%d/" % running.address]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended
    assert "Socket errors" not in ended.stdout and "Non-2xx" not in ended.stdout, ended.stdout
    return int(re.search(r"(\d+) requests in", ended.stdout)[1])


@needs_wrk
@pytest.mark.parametrize("name, app", LOADED)
def test_an_example_serves_10_000_requests_without_an_error(server, name, app):
    running = server(*CONFIGS[name], "--pythonpath", EXAMPLES, "--workers", "2", app)
    wanted = REQUESTS if app == "hello:app" or not SANITIZED else 1  # sanitizers make frameworks slow: one round
    served = 0
    for _ in range(120):  # wrk knows seconds, not a number of requests; on a loaded machine a round may see none
        if served >= wanted:
            break
        command = ["wrk", "-t1", "-c16", "-d1s", "http://%s:%d/" % running.address]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert ended.returncode == 0, ended
        assert "Socket errors" not in ended.stdout and "Non-2xx" not in ended.stdout, ended.stdout
        served += int(re.search(r"(\d+) requests in", ended.stdout)[1])
    assert served >= wanted
    assert running.stop() == 0
    assert "[ERROR]" not in running.log and "[CRITICAL]" not in running.log
