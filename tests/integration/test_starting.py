"""What a start needs and leaves: applications, addresses, the pidfile, preload."""

import os
import re
import signal
import socket

import pytest

from raw_http import Connection, get, request_bytes
from server_process import read, wait_until


@pytest.mark.parametrize("kind, workers", [("sync", 1), ("gthread", 4)])
@pytest.mark.parametrize(
    "app, status, said",
    [
        ("raises_at_import:app", 3, "RuntimeError: this module cannot be imported"),
        ("no_such_module:app", 3, "No module named 'no_such_module'"),
        ("hello:no_such_name", 4, "Failed to find attribute 'no_such_name' in 'hello'."),
        ("hello:not_callable", 4, "Application object must be callable."),
        ("hello:factory(1, 2, 3)", 4, "takes from 1 to 2 positional arguments"),
        ("hello:app[0]", 4, "Failed to parse 'app[0]' as an attribute name or function call."),
    ],
)
def test_an_application_that_cannot_be_loaded_ends_the_server(server, app, status, said, kind, workers):
    running = server.launch("-k", kind, "--workers", workers, app)
    assert running.wait() == status
    assert said in running.log
    reason = "Worker failed to boot." if status == 3 else "App failed to load."
    assert "Shutting down: Master" in running.log and "Reason: %s" % reason in running.log
    summary = running.log[running.log.index("Last failure: ") :]
    assert re.match(r"Last failure: worker \(pid:\d+\) exited with code %d, step: loading the application\n" % status, summary)
    assert said in summary


def test_a_file_name_as_application_is_explained(server, tmp_path):
    (tmp_path / "mine.py").write_text("def app(environ, start_response): pass\n")
    running = server.launch("mine.py:app")
    assert running.wait() == 3
    assert "did you mean 'mine:app'?" in running.log


def test_no_application_is_exit_1(run):
    ended = run()
    assert ended.status == 1
    assert "Error: No application module specified." in ended.stderr


def test_a_port_in_use_is_tried_again_and_then_given_up(server, tmp_path):
    pidfile = tmp_path / "pid"
    sock = tmp_path / "s.sock"
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        port = holder.getsockname()[1]
        running = server.launch("-b", "unix:%s" % sock, "-b", "127.0.0.1:%d" % port, "--pid", pidfile, "hello:app", bind=None)
        assert running.wait() == 1
    assert running.log.count("Connection in use: ('127.0.0.1', %d)" % port) == 5
    assert running.log.count("Retrying in 1 second.") == 4
    assert "Can't connect to ('127.0.0.1', %d)" % port in running.log
    assert not pidfile.exists() and not sock.exists(), "nothing is left behind"
    assert running.boots() == []


def test_a_port_that_becomes_free_is_taken(server):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        port = holder.getsockname()[1]
        running = server.launch("hello:app", bind="127.0.0.1:%d" % port)
        running.wait_for_log("Retrying in 1 second.")
    assert get(running.wait_until_listening().address).status == 200


def test_a_term_while_it_waits_for_a_port_ends_it(server):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        running = server.launch("hello:app", bind="127.0.0.1:%d" % holder.getsockname()[1])
        running.wait_for_log("Retrying in 1 second.")
        assert running.stop() == 0
    assert running.boots() == []


@pytest.mark.parametrize("address", ["256.256.256.256:0", "no-such-host.invalid:0", "192.0.2.1:0"])
def test_an_address_that_is_not_ours_is_exit_1(server, address):
    running = server.launch("hello:app", bind=address)
    assert running.wait() == 1
    assert address.split(":")[0] in running.stderr
    assert running.boots() == []


def test_a_unix_socket_in_a_folder_that_does_not_exist_is_exit_1(server):
    running = server.launch("hello:app", bind="unix:/nonexistent/folder/s.sock")
    assert running.wait() == 1
    assert "/nonexistent/folder/s.sock" in running.stderr


def test_workers_that_crash_at_boot_are_not_started_without_end(server, tmp_path):
    (tmp_path / "crash.py").write_text("import os\nos._exit(1)\n")
    running = server.launch("crash:app")
    assert running.wait(60) == 3
    assert len(running.boots()) <= 12
    assert re.search(r"Last failure: worker \(pid:%d\) exited with code 1, step: loading the application\n$"
                     % running.boots()[-1], running.log)


def test_several_workers_that_are_killed_at_boot_end_the_server_with_a_summary(server, worker_kind, tmp_path):
    (tmp_path / "crash.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    running = server.launch(*worker_kind, "--workers", "4", "crash:app")
    assert running.wait(60) == 3
    assert re.search(r"Last failure: worker \(pid:\d+\) was ended by SIGKILL, step: loading the application\n$", running.log)


def test_an_application_that_breaks_while_the_server_runs_does_not_end_it(server, tmp_path):
    (tmp_path / "fragile.py").write_text(
        "import os\n"
        "if os.path.exists('broken'):\n"
        "    raise RuntimeError('broken for a moment')\n"
        "from kinds import app\n"
    )
    running = server("fragile:app")
    (worker,) = running.wait_for_workers(1)
    assert get(running.address, "/pid").status == 200
    (tmp_path / "broken").touch()
    os.kill(worker, signal.SIGKILL)
    running.wait_for_log("RuntimeError: broken for a moment", 3)
    (tmp_path / "broken").unlink()
    assert get(running.address, "/pid").status == 200
    assert running.stop() == 0


def test_system_exit_at_import_ends_the_worker_with_that_status(server):
    running = server.launch("exits_at_import:app")
    running.wait_for_log(r"Worker \(pid:\d+\) exited with code 9")
    assert running.stop() in (0, 3)


# the pidfile


def test_the_pidfile_is_there_while_it_runs(server, tmp_path):
    pidfile = tmp_path / "gunicorn.pid"
    running = server("--pid", pidfile, "hello:app")
    assert pidfile.read_text() == "%d\n" % running.pid
    assert oct(pidfile.stat().st_mode & 0o777) == "0o644"
    assert running.stop() == 0
    assert not pidfile.exists()


@pytest.mark.parametrize("content", ["", "garbage", "999999999", "4194303\n"])
def test_a_stale_pidfile_is_replaced(server, tmp_path, content):
    pidfile = tmp_path / "gunicorn.pid"
    pidfile.write_text(content)
    running = server("--pid", pidfile, "hello:app")
    assert pidfile.read_text() == "%d\n" % running.pid


def test_a_pidfile_of_a_running_process_is_respected(server, tmp_path):
    pidfile = tmp_path / "gunicorn.pid"
    first = server("--pid", pidfile, "hello:app")
    second = server.launch("--pid", pidfile, "hello:app")
    assert second.wait() == 1
    assert "Already running on PID %d" % first.pid in second.stderr
    assert pidfile.read_text() == "%d\n" % first.pid
    assert get(first.address).status == 200


def test_a_pidfile_that_was_taken_over_is_not_removed(server, tmp_path):
    pidfile = tmp_path / "gunicorn.pid"
    running = server("--pid", pidfile, "hello:app")
    pidfile.write_text("1\n")
    assert running.stop() == 0
    assert pidfile.read_text() == "1\n"


def test_a_pidfile_in_a_folder_that_does_not_exist_is_exit_1(server):
    running = server.launch("--pid", "/nonexistent/folder/pid", "hello:app")
    assert running.wait() == 1
    assert "/nonexistent/folder" in running.stderr and "Traceback" not in running.stderr
    assert running.boots() == []


# preload


def test_preload_imports_the_application_once_in_the_master(server, tmp_path):
    (tmp_path / "counted.py").write_text(
        "import os\n"
        "open('imports', 'a').write('%d\\n' % os.getpid())\n"
        "from hello import app\n"
    )
    running = server("--preload", "--workers", "2", "counted:app")
    running.wait_for_workers(2)
    assert get(running.address).status == 200
    assert read(tmp_path / "imports").split() == [str(running.pid)]


def test_without_preload_each_worker_imports_the_application(server, tmp_path):
    (tmp_path / "counted.py").write_text(
        "import os\n"
        "open('imports', 'a').write('%d\\n' % os.getpid())\n"
        "from hello import app\n"
    )
    running = server("--workers", "2", "counted:app")
    workers = running.wait_for_workers(2)
    wait_until(lambda: sorted(map(int, read(tmp_path / "imports").split())) == workers, "an import in each worker")


def frozen_in(running):
    """(pid, frozen objects, requests before this one, whether the application's object is intact) of a worker."""
    pid, frozen, number, intact = get(running.address, "/").body.decode().split()
    return int(pid), int(frozen), int(number), intact == "True"


def test_workers_share_a_preloaded_application_whose_objects_the_garbage_collector_leaves_alone(server):
    running = server("--preload", "frozen:app")
    first, frozen, number, intact = frozen_in(running)
    assert (frozen > 0, number, intact) == (True, 0, True)
    assert frozen_in(running) == (first, frozen, 1, True)

    os.kill(first, signal.SIGKILL)
    (second,) = wait_until(lambda: set(running.workers()) - {first}, "another worker")
    pid, frozen, number, intact = frozen_in(running)
    assert (pid, frozen > 0, number, intact) == (second, True, 0, True)


def test_garbage_that_a_hook_of_the_master_makes_is_not_kept_for_ever(server, tmp_path):
    (tmp_path / "conf.py").write_text(
        "import weakref\n"
        "class Ring:\n"
        "    pass\n"
        "rings = []\n"
        "def pre_fork(server, worker):\n"
        "    ring = Ring()\n"
        "    ring.itself = ring\n"
        "    rings.append(weakref.ref(ring))\n"
        "def post_fork(server, worker):\n"
        "    server.log.info('rings: %s', [ring() is None for ring in rings])\n"
    )
    running = server("--preload", "-c", tmp_path / "conf.py", "frozen:app")
    running.wait_for_log("rings: \\[True\\]")
    os.kill(frozen_in(running)[0], signal.SIGKILL)
    running.wait_for_log("rings: \\[True, True\\]")


def test_without_preload_no_object_is_frozen(server):
    assert frozen_in(server("frozen:app"))[1:] == (0, 0, True)


def test_a_preloaded_application_that_cannot_be_imported_is_exit_1(server):
    running = server.launch("--preload", "raises_at_import:app")
    assert running.wait() == 1
    assert "RuntimeError: this module cannot be imported" in running.stderr
    assert running.boots() == []


def test_threads_that_the_application_starts_run_while_the_worker_is_idle(server, worker_kind, tmp_path):
    (tmp_path / "ticking.py").write_text(
        "import threading, time\n"
        "count = 0\n"
        "def tick():\n"
        "    global count\n"
        "    while True:\n"
        "        count += 1\n"
        "        time.sleep(0.001)\n"
        "threading.Thread(target=tick, daemon=True).start()\n"
        "def app(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [str(count).encode()]\n"
    )
    running = server(*worker_kind, "ticking:app")
    first = int(get(running.address).body)
    wait_until(lambda: int(get(running.address).body) > first + 20, "the thread goes on")


def test_requests_and_a_thread_that_never_rests_both_go_on(server, worker_kind, tmp_path):
    (tmp_path / "busy.py").write_text(
        "import threading\n"
        "count = 0\n"
        "def spin():\n"
        "    global count\n"
        "    while True:\n"
        "        count += 1\n"
        "threading.Thread(target=spin, daemon=True).start()\n"
        "def app(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [b'%d' % count]\n"
    )
    running = server(*worker_kind, "busy:app")
    with Connection(running.address) as connection:
        counts = []
        for _ in range(100):
            connection.send(request_bytes("/"))
            counts.append(int(connection.read_response().body))
    assert counts == sorted(counts)
    wait_until(lambda: int(get(running.address).body) > counts[-1], "the thread goes on")
