"""`python -m gunicorn`: the same server inside a plain Python. The module of the release preset, since that of the dev preset
needs the sanitizers' runtime."""

import json
import signal
import subprocess

import pytest

from raw_http import Connection, get
from server_process import APPS, PACKAGE, environment, is_running, wait_until

pytestmark = pytest.mark.skipif(
    not list((PACKAGE / "gunicorn").glob("_core*.so")), reason="no extension module in %s; build the preset release" % PACKAGE
)

PYTHON = "/usr/bin/python3"
PATH = {"PYTHONPATH": "%s:%s" % (PACKAGE, APPS)}
MODULE = [PYTHON, "-m", "gunicorn"]


@pytest.fixture
def serve(server):
    return lambda *arguments, **options: server(*arguments, command=MODULE, env=PATH, **options)


def test_python_m_gunicorn_serves(serve, worker_kind):
    running = serve(*worker_kind, "--workers", "2", "validated:app")
    assert get(running.address, "/x").body == b"GET /x "
    assert running.stop() == 0
    assert "Traceback" not in running.log


def test_python_m_gunicorn_and_the_executable_show_the_application_the_same(serve, server, worker_kind):
    def seen(running):
        answer = json.loads(get(running.address, "/a%20b?c=d", [("X-Y", "z")], "POST", b"body").body)
        for key in ("SERVER_PORT", "REMOTE_PORT", "wsgi.input", "wsgi.errors", "wsgi.file_wrapper", "wsgi.early_hints",
                    "gunicorn.socket"):
            answer["environ"].pop(key, None)
        answer.pop("pid")
        return answer

    assert seen(serve(*worker_kind, "probe:app")) == seen(server(*worker_kind, "probe:app"))


def test_keep_alive_and_large_bodies_work_there_too(serve, worker_kind):
    running = serve(*worker_kind, "kinds:app")
    with Connection(running.address) as connection:
        assert connection.get("/declared-length").body == b"12345"
        assert len(connection.get("/big?3000000").body) == 3_000_000
        assert connection.get("/unread-body", [], "POST", b"x" * 500_000).status == 200


def test_a_killed_worker_is_replaced_there_too(serve):
    running = serve("kinds:app")
    worker = int(get(running.address, "/pid").body)
    subprocess.run(["kill", "-9", str(worker)], check=True)
    running.wait_for_log("Booting worker with pid", 2)
    assert int(get(running.address, "/pid").body) != worker


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it_with_exit_0(serve, signo):
    running = serve("hello:app")
    assert get(running.address).status == 200
    workers = running.workers()
    assert running.stop(signo) == 0
    wait_until(lambda: not any(map(is_running, workers)), "the workers are gone")


def test_config_files_and_hooks_work_there_too(serve, tmp_path):
    (tmp_path / "conf.py").write_text(
        "workers = 2\ndef pre_fork(server, worker): worker.mark = 'marked'\n"
        "def post_fork(server, worker): server.log.info('hook: %s', worker.mark)\n"
    )
    running = serve("-c", "conf.py", "hello:app")
    running.wait_for_log("hook: marked", 2)


def run_module(*arguments, cwd):
    return subprocess.run(
        MODULE + list(arguments), env=environment(**PATH), cwd=cwd, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    "arguments, status, said",
    [
        (["--version"], 0, "gunicorn (version "),
        (["--help"], 0, "usage: gunicorn"),
        (["--check-config", "hello:app"], 0, ""),
        (["--check-config", "nope:app"], 1, "No module named 'nope'"),
        (["--bogus"], 2, "gunicorn: error: unrecognized arguments: --bogus"),
        ([], 1, "Error: No application module specified."),
        (["hello:nope", "-b", "127.0.0.1:0"], 4, "Reason: App failed to load."),
        (["-w", "-1", "hello:app"], 1, "error[GCF202]: workers"),
    ],
)
def test_exit_statuses_and_messages_are_the_same(tmp_path, arguments, status, said):
    ended = run_module(*arguments, cwd=tmp_path)
    assert ended.returncode == status, ended
    assert said in ended.stdout + ended.stderr


def test_the_package_can_be_imported_without_serving(tmp_path):
    code = "import gunicorn, gunicorn.config, gunicorn.arbiter, gunicorn.app.base; print(gunicorn.__version__)"
    command = [PYTHON, "-c", code]
    ended = subprocess.run(command, env=environment(**PATH), cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended
    assert ended.stdout.split(".")[0].isdigit()


def test_run_of_wsgiapp_serves(server, tmp_path):
    (tmp_path / "launcher.py").write_text("from gunicorn.app.wsgiapp import run\nif __name__ == '__main__':\n    run()\n")
    running = server("hello:app", command=[PYTHON, "launcher.py"], env=PATH)
    assert get(running.address).status == 200
    assert running.stop() == 0
