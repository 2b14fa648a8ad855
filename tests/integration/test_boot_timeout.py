"""boot_timeout: a worker that does not come up is ended, and the log says where it was."""

import signal

import pytest

from raw_http import get

HANGS = "import threading\nthreading.Event().wait()\n"
HANGING_APP = HANGS + "def app(environ, start_response): pass\n"


def test_a_worker_that_hangs_at_import_is_ended_after_boot_timeout(server, worker_kind, tmp_path):
    (tmp_path / "hanging.py").write_text(HANGING_APP)
    running = server(*worker_kind, "--timeout", "0", "--boot-timeout", "1", "hanging:app")
    (pid,) = set(running.wait_for_log(r"\[CRITICAL\] WORKER BOOT TIMEOUT \(pid:(\d+)\), step: loading the application"))
    assert int(pid) == running.boots()[0]
    running.wait_for_log(r'File ".*hanging.py", line 2')
    running.wait_for_log("Booting worker", 2)
    running.stop(signal.SIGQUIT)
    assert "WORKER TIMEOUT" not in running.log


@pytest.mark.parametrize("hook, parameters", [("post_fork", "server, worker"), ("post_worker_init", "worker")])
def test_the_hook_that_hangs_is_named(server, tmp_path, hook, parameters):
    (tmp_path / "conf.py").write_text("import threading\ndef %s(%s):\n    threading.Event().wait()\n" % (hook, parameters))
    running = server("-c", "conf.py", "--boot-timeout", "1", "hello:app")
    running.wait_for_log(r"WORKER BOOT TIMEOUT \(pid:\d+\), step: the %s hook" % hook)
    running.wait_for_log(r'File ".*conf.py", line 3 in %s' % hook)
    running.stop(signal.SIGQUIT)


def test_without_boot_timeout_timeout_counts(server, tmp_path):
    (tmp_path / "hanging.py").write_text(HANGING_APP)
    running = server("--timeout", "1", "hanging:app")
    running.wait_for_log(r"WORKER BOOT TIMEOUT")
    running.stop(signal.SIGQUIT)


def test_a_hanging_trial_worker_ends_the_reload_even_without_timeout(server, tmp_path):
    (tmp_path / "code.py").write_text("")
    (tmp_path / "deployed.py").write_text("exec(open('code.py').read())\nfrom hello import app\n")
    running = server("--timeout", "0", "--boot-timeout", "2", "deployed:app")
    assert get(running.address).status == 200
    old = running.wait_for_workers(1)
    # The check before a reload imports it too.
    hangs = "".join("    %s\n" % line for line in HANGS.splitlines())
    (tmp_path / "code.py").write_text("import os\nif os.getppid() == %d:\n%s" % (running.pid, hangs))
    running.send_signal(signal.SIGHUP)
    running.wait_for_log(r"WORKER BOOT TIMEOUT \(pid:\d+\), step: loading the application")
    running.wait_for_log(r"Reload given up")
    assert running.wait_for_workers(1) == old
    assert get(running.address).status == 200
