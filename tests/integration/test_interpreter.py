"""The Python inside: which one it is, what applications may do with it, how it ends."""

import json
import os
import signal
import sys

import pytest

from raw_http import Connection, get, request_bytes
from server_process import read, wait_until

VERSION = "python%d.%d" % sys.version_info[:2]

FACTS = """
import json, os, sys
def app(environ, start_response):
    facts = {"prefix": sys.prefix, "base_prefix": sys.base_prefix, "executable": sys.executable, "argv": sys.argv,
             "path": sys.path, "modules": sorted(sys.modules), "name": __name__, "cwd": os.getcwd(), "flags": list(sys.flags)}
    try:
        import only_in_the_environment
        facts["found"] = only_in_the_environment.__file__
    except ImportError:
        facts["found"] = None
    start_response("200 OK", [])
    return [json.dumps(facts).encode()]
"""


@pytest.fixture
def facts(server, tmp_path):
    def start(*arguments, **options):
        (tmp_path / "facts.py").write_text(FACTS)
        return json.loads(get(server(*arguments, "facts:app", **options).address).body)

    return start


def make_environment(folder, version):
    """What `python3 -m venv --without-pip` makes, as far as Python looks at it."""
    packages = folder / "lib" / VERSION / "site-packages"
    packages.mkdir(parents=True)
    (packages / "only_in_the_environment.py").touch()
    (folder / "bin").mkdir()
    (folder / "bin" / "python3").symlink_to("/usr/bin/python3")
    (folder / "bin" / "python").symlink_to("python3")
    (folder / "pyvenv.cfg").write_text(
        "home = /usr/bin\ninclude-system-site-packages = false\nversion = %s\nexecutable = /usr/bin/python3\n" % version
    )
    return folder


def test_without_a_virtual_environment_it_is_the_python_it_was_built_with(facts):
    seen = facts()
    assert seen["executable"] == "/usr/bin/python3" and seen["prefix"] == seen["base_prefix"] == "/usr"
    assert seen["found"] is None


def test_an_active_virtual_environment_is_used(facts, tmp_path):
    folder = make_environment(tmp_path / "venv", "%d.%d.%d" % sys.version_info[:3])
    seen = facts(env={"VIRTUAL_ENV": folder})
    assert seen["prefix"] == str(folder) and seen["base_prefix"] == "/usr"
    assert seen["executable"] == str(folder / "bin" / "python3") or seen["executable"] == str(folder / "bin" / "python")
    assert seen["found"] == str(folder / "lib" / VERSION / "site-packages" / "only_in_the_environment.py")


def test_a_virtual_environment_of_another_python_is_refused(server, tmp_path):
    folder = make_environment(tmp_path / "venv", "3.1.4")
    running = server.launch("hello:app", env={"VIRTUAL_ENV": folder})
    assert running.wait() == 1
    assert "3.1" in running.stderr and "%d.%d" % sys.version_info[:2] in running.stderr and str(folder) in running.stderr
    assert "Traceback" not in running.stderr


def test_the_working_directory_comes_first_on_the_path(facts, tmp_path):
    (tmp_path / "only_in_the_environment.py").touch()
    seen = facts()
    assert seen["found"] == str(tmp_path / "only_in_the_environment.py")
    assert seen["cwd"] == str(tmp_path)


def test_pythonpath_of_the_setting_is_before_the_rest(facts, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "two" / "only_in_the_environment.py").touch()
    seen = facts("--pythonpath", "one,two")
    assert seen["found"] == str(tmp_path / "two" / "only_in_the_environment.py")


def test_frameworks_are_not_imported_by_the_server(facts):
    assert not {"flask", "django", "asyncio", "gevent"} & set(facts()["modules"])


def test_atexit_handlers_run_when_a_worker_stops(server, worker_kind, tmp_path):
    (tmp_path / "ends.py").write_text(
        "import atexit, os\natexit.register(lambda: open('ended', 'a').write('%d ' % os.getpid()))\nfrom kinds import app\n"
    )
    running = server(*worker_kind, "ends:app")
    worker = int(get(running.address, "/pid").body)
    assert running.stop() == 0
    assert read(tmp_path / "ended").split() == [str(worker)]


FORKS = """
import os
def app(environ, start_response):
    pid = os.fork()
    if pid == 0 and environ["PATH_INFO"] == "/exits":
        os._exit(0)
    if pid:
        os.waitpid(pid, 0)
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


@pytest.mark.parametrize("target", ["/exits", "/returns"])
def test_an_application_may_fork(server, worker_kind, tmp_path, target):
    (tmp_path / "forks.py").write_text(FORKS)
    running = server(*worker_kind, "forks:app")
    with Connection(running.address) as connection:
        for _ in range(3):
            response = connection.get(target)
            assert response.status == 200 and int(response.body) == running.boots()[0], "one answer, of the worker itself"
    assert running.stop() == 0
    assert len(running.boots()) == 1


MULTIPROCESSING = """
import multiprocessing
def square(n):
    return n * n
def app(environ, start_response):
    context = multiprocessing.get_context(environ["QUERY_STRING"])
    with context.Pool(2) as pool:
        body = ",".join(map(str, pool.map(square, range(5)))).encode()
        pool.close()
        pool.join()
    start_response("200 OK", [])
    return [body]
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_an_application_may_use_multiprocessing(server, tmp_path, method):
    (tmp_path / "pooled.py").write_text(MULTIPROCESSING)
    environment = {"PYTHONMALLOC": None, "PYTHONPATH": "%s" % tmp_path}
    running = server("--timeout", "60", "pooled:app", env=environment)
    assert get(running.address, "/?" + method).body == b"0,1,4,9,16"
    assert running.stop() == 0


TERMINATES = """
import multiprocessing, os, time
def run(begun):
    os.write(begun, b"x")
    time.sleep(60)
def app(environ, start_response):
    ready, begun = os.pipe()
    process = multiprocessing.get_context("fork").Process(target=run, args=(begun,))
    process.start()
    os.read(ready, 1)
    process.terminate()
    process.join(5)
    body = str(process.exitcode).encode()
    process.kill()
    process.join()
    start_response("200 OK", [])
    return [body]
"""


def test_a_process_that_the_application_forked_is_ended_by_term(server, worker_kind, tmp_path):
    (tmp_path / "terminates.py").write_text(TERMINATES)
    assert get(server(*worker_kind, "terminates:app").address).body == b"-15"


def test_an_application_may_start_threads_that_outlive_the_request(server, worker_kind, tmp_path):
    (tmp_path / "later.py").write_text(
        "import threading\n"
        "def app(environ, start_response):\n"
        "    threading.Timer(0.05, lambda: open('later', 'w').write('done')).start()\n"
        "    start_response('200 OK', [])\n"
        "    return [b'soon']\n"
    )
    running = server(*worker_kind, "later:app")
    assert get(running.address).body == b"soon"
    wait_until(lambda: read(tmp_path / "later") == "done", "the thread ran on")


def test_an_application_may_install_signal_handlers_of_its_own(server, tmp_path):
    (tmp_path / "handler.py").write_text(
        "import signal\nsignal.signal(signal.SIGUSR2, lambda *a: open('handled', 'w').write('yes'))\nfrom kinds import app\n"
    )
    running = server("handler:app")
    worker = int(get(running.address, "/pid").body)
    os.kill(worker, signal.SIGUSR2)
    wait_until(lambda: read(tmp_path / "handled") == "yes", "the handler ran in an idle worker")
    assert int(get(running.address, "/pid").body) == worker


def test_asyncio_runs_inside_of_a_request(server, worker_kind, tmp_path):
    (tmp_path / "looping.py").write_text(
        "import asyncio\n"
        "async def answer():\n"
        "    await asyncio.sleep(0.01)\n"
        "    process = await asyncio.create_subprocess_exec('echo', 'child', stdout=asyncio.subprocess.PIPE)\n"
        "    return (await process.communicate())[0]\n"
        "def app(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [asyncio.run(answer())]\n"
    )
    running = server(*worker_kind, "looping:app")
    for _ in range(2):
        assert get(running.address).body == b"child\n"
    assert running.stop() == 0


def test_a_worker_that_ran_asyncio_still_stops_at_once(server, tmp_path):
    """asyncio takes signal.set_wakeup_fd and gives back nothing: the worker must not depend on it."""
    (tmp_path / "looping.py").write_text(
        "import asyncio\n"
        "def app(environ, start_response):\n"
        "    loop = asyncio.new_event_loop()\n"
        "    loop.add_signal_handler(10, lambda: None)\n"
        "    loop.run_until_complete(asyncio.sleep(0))\n"
        "    loop.close()\n"
        "    start_response('200 OK', [])\n"
        "    return [b'ok']\n"
    )
    running = server("looping:app")
    assert get(running.address).body == b"ok"
    assert running.stop(deadline=20) == 0


def test_warnings_and_prints_of_the_application_do_not_reach_the_client(server, tmp_path):
    (tmp_path / "noisy.py").write_text(
        "import sys, warnings\n"
        "def app(environ, start_response):\n"
        "    print('to stdout', flush=True); print('to stderr', file=sys.stderr); warnings.warn('careful')\n"
        "    start_response('200 OK', [])\n"
        "    return [b'clean']\n"
    )
    running = server("noisy:app")
    assert get(running.address).body == b"clean"
    wait_until(lambda: "to stdout" in running.stdout and "careful" in running.stderr, "both streams")


def test_unflushed_output_is_written_when_a_worker_stops(server, tmp_path):
    (tmp_path / "buffered.py").write_text(
        "import sys\n"
        "def app(environ, start_response):\n"
        "    sys.stdout.write('waits in a buffer')\n"
        "    start_response('200 OK', [])\n"
        "    return []\n"
    )
    running = server("buffered:app")
    get(running.address)
    assert running.stop() == 0
    assert "waits in a buffer" in running.stdout


def test_a_recursion_without_end_is_an_exception_and_not_a_crash(server, worker_kind, tmp_path):
    (tmp_path / "deep.py").write_text(
        "def dive(n): return dive(n + 1)\n"
        "def app(environ, start_response):\n"
        "    if environ['PATH_INFO'] == '/deep': dive(0)\n"
        "    start_response('200 OK', [])\n"
        "    return [b'ok']\n"
    )
    running = server(*worker_kind, "deep:app")
    assert get(running.address, "/deep").status == 500
    assert get(running.address, "/").body == b"ok"
    assert "RecursionError" in running.log and len(running.boots()) == 1


def test_a_request_in_flight_is_not_answered_twice_when_its_thread_forks(server, tmp_path):
    (tmp_path / "forks.py").write_text(FORKS)
    running = server("-k", "gthread", "--threads", "2", "forks:app")
    with Connection(running.address) as connection:
        connection.send(request_bytes("/returns", [("Connection", "close")]))
        assert connection.read_response().status == 200
        connection.assert_closed()
