"""reload: who saves a file gets the new code with the next request, and is never refused."""

import os
import re
import signal
import subprocess
import threading

import pytest

from raw_http import Connection, get
from server_process import PACKAGE, wait_until

APPLICATION = """
import os
def app(environ, start_response):
    text = "{} %d" % os.getpid()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text.encode()]
"""
IMPORTING = """
import {module}
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str({module}.VALUE).encode()]
"""
LOADED = r"Booting worker with pid"


@pytest.fixture(scope="module", params=["inotify", "poll"])
def engine(request):
    return ("--reload", "--reload-engine", request.param)


@pytest.fixture
def write(tmp_path):
    """Writes a file as most editors do: in place, or with `replace` by renaming another one over it."""

    def write(name, text, replace=False):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        target = path.with_name(path.name + ".new") if replace else path
        target.write_text(text)
        if replace:
            os.replace(target, path)

    return write


@pytest.fixture
def developed(server, tmp_path):
    """A server of `shop:app` in tmp_path that has looked at its files."""

    def start(*arguments, module="shop:app", workers=1):
        more = ("--workers", workers) if workers > 1 else ()
        running = server(*arguments, *more, module, env={"PYTHONPATH": str(tmp_path)}, cwd=tmp_path)
        running.wait_for_workers(workers)
        answer(running)
        return running

    return start


def answer(running):
    return get(running.address).body.decode()


def version(running):
    return answer(running).split()[0]


def wait_for(running, text):
    """Until a request is answered so; each of them has to be answered."""
    wait_until(lambda: text in answer(running), lambda: "an answer with %r\n%s" % (text, running.describe()))


def reloads(running):
    return re.findall(r"\[INFO\] Worker reloading: (.*) modified", running.log)


def test_an_edit_is_served_by_the_next_worker(developed, write, tmp_path, engine, worker_kind):
    write("shop.py", APPLICATION.format("one"))
    running = developed(*engine, *worker_kind)
    assert version(running) == "one"
    write("shop.py", APPLICATION.format("second"))
    wait_for(running, "second")
    assert reloads(running) == [str(tmp_path / "shop.py")]
    assert "exited with code" not in running.log


def test_edits_of_one_size_in_one_second_are_all_seen(developed, write, engine):
    write("shop.py", APPLICATION.format("v0"))
    running = developed(*engine)
    for number in range(1, 4):
        write("shop.py", APPLICATION.format("v%d" % number))
        wait_for(running, "v%d" % number)


def test_a_file_that_is_replaced_by_rename_counts(developed, write, engine):
    write("shop.py", APPLICATION.format("one"))
    running = developed(*engine)
    for name in ("two", "three", "four"):
        write("shop.py", APPLICATION.format(name), replace=True)
        wait_for(running, name)


def test_nobody_is_refused_or_cut_while_workers_change(developed, write, engine, worker_kind):
    write("shop.py", APPLICATION.format("v0"))
    running = developed(*engine, *worker_kind)
    problems = []
    answers = []
    done = threading.Event()

    def ask():
        while not done.is_set():
            try:
                answers.append(version(running))
            except Exception as error:  # whatever a client may see
                problems.append(repr(error))

    clients = [threading.Thread(target=ask) for _ in range(3)]
    for client in clients:
        client.start()
    try:
        for number in range(1, 6):
            write("shop.py", APPLICATION.format("v%d" % number))
            wait_until(lambda: "v%d" % number in answers, lambda: "v%d\n%s" % (number, running.describe()))
    finally:
        done.set()
        for client in clients:
            client.join()
    assert not problems
    assert len(answers) > 10


def test_a_connection_is_not_kept_since_its_next_request_is_for_the_new_code(developed, write):
    write("shop.py", APPLICATION.format("one"))
    running = developed("--reload", "--keep-alive", "5")
    with Connection(running.address) as connection:
        assert connection.get().get("Connection") == "close"


BROKEN = {
    "syntax": ("def app(:\n", "SyntaxError"),
    "name": ("undefined_name\n", "NameError"),
    "no application": ("other = 1\n", "Failed to find attribute"),
    "exit": ("import sys; sys.exit(3)\n", "SystemExit: 3"),
    "missing module": ("import module_that_is_not_there_yet\ndef app(e, s): pass\n", "ModuleNotFoundError"),
}


@pytest.mark.parametrize("code, text", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_edit_is_a_page_until_the_next_edit(developed, write, engine, code, text):
    write("shop.py", APPLICATION.format("one"))
    running = developed(*engine)
    write("shop.py", code)
    wait_for(running, text)
    response = get(running.address)
    assert response.status == 500
    assert response.get("Content-Type") == "text/html; charset=utf-8"
    page = response.body.decode()
    assert "waits for an edit" in page and text in page
    assert "http://" not in page and "https://" not in page, "nothing from elsewhere"
    write("shop.py", APPLICATION.format("mended"))
    wait_for(running, "mended")
    assert running.process.poll() is None


@pytest.mark.parametrize("code, text", BROKEN.values(), ids=list(BROKEN))
def test_a_server_that_starts_with_broken_code_waits_for_the_edit(developed, write, worker_kind, code, text):
    write("shop.py", code)
    running = developed("--reload", *worker_kind, workers=2)
    assert text in answer(running)
    write("shop.py", APPLICATION.format("mended"))
    wait_for(running, "mended")
    assert "App failed to load" not in running.log and "Worker failed to boot" not in running.log


def test_an_application_that_is_not_there_yet_is_waited_for(developed, write, engine):
    running = developed(*engine, module="later.shop:app")
    assert "ModuleNotFoundError" in answer(running)
    write("later/shop.py", APPLICATION.format("arrived"))
    wait_for(running, "arrived")


def test_a_module_that_is_missing_is_waited_for(developed, write, engine):
    write("shop.py", IMPORTING.format(module="helper"))
    running = developed(*engine)
    assert "No module named &#39;helper&#39;" in answer(running)
    write("helper.py", "VALUE = 'helped'")
    wait_for(running, "helped")


def test_a_broken_module_below_the_application_is_waited_for(developed, write, engine):
    write("shop.py", IMPORTING.format(module="helper"))
    write("helper.py", "VALUE = 'good'")
    running = developed(*engine)
    write("helper.py", "VALUE = (")
    wait_for(running, "SyntaxError")
    write("helper.py", "VALUE = 'mended'")
    wait_for(running, "mended")


def test_what_the_page_shows_is_text(developed, write):
    write("shop.py", "raise RuntimeError('<script>alert(1)</script> & \"more\"')")
    running = developed("--reload")
    page = answer(running)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;" in page


def test_hooks_that_raise_are_a_page_as_well(developed, write):
    write("shop.py", APPLICATION.format("one"))
    write("gunicorn.conf.py", "def post_worker_init(worker):\n    raise RuntimeError('broken hook')\n")
    running = developed("--reload")
    assert "broken hook" in answer(running)
    write("gunicorn.conf.py", "")
    wait_for(running, "one")


def test_a_module_that_is_imported_by_a_request_is_watched(developed, write, tmp_path, engine):
    write("shop.py", "def app(environ, start_response):\n"
                     "    import late\n"
                     "    start_response('200 OK', [])\n"
                     "    return [late.VALUE]\n")
    write("late.py", "VALUE = b'one'")
    running = developed(*engine)
    write("late.py", "VALUE = b'second'")
    wait_for(running, "second")
    assert reloads(running) == [str(tmp_path / "late.py")]


def test_files_of_namespace_packages_are_watched(developed, write, engine):
    write("space/part/helper.py", "VALUE = 'one'")
    write("shop.py", IMPORTING.format(module="space.part.helper"))
    running = developed(*engine)
    assert answer(running) == "one"
    write("space/part/helper.py", "VALUE = 'second'")
    wait_for(running, "second")


def test_a_directory_that_goes_and_comes_back_is_watched_on(developed, write, tmp_path, engine):
    write("package/__init__.py", "")
    write("package/helper.py", "VALUE = 'one'")
    write("shop.py", IMPORTING.format(module="package.helper"))
    running = developed(*engine)
    for text in ("second", "third"):
        os.rename(tmp_path / "package", tmp_path / ("before-" + text))
        write("package/__init__.py", "")
        write("package/helper.py", "VALUE = '%s'" % text)
        wait_for(running, text)
        write("package/helper.py", "VALUE = '%s again'" % text)
        wait_for(running, text + " again")


def test_a_link_that_leads_elsewhere_is_a_change(developed, write, tmp_path, engine):
    write("releases/1/helper.py", "VALUE = 'one'")
    write("releases/2/helper.py", "VALUE = 'second'")
    os.symlink("releases/1", tmp_path / "current")
    write("shop.py", "import sys; sys.path.insert(0, %r)\n" % str(tmp_path / "current") + IMPORTING.format(module="helper"))
    running = developed(*engine)
    assert answer(running) == "one"
    os.symlink("releases/2", tmp_path / "next")
    os.replace(tmp_path / "next", tmp_path / "current")
    wait_for(running, "second")
    write("releases/2/helper.py", "VALUE = 'third'")
    wait_for(running, "third")


def test_extra_files_are_watched_and_those_that_match_later_too(developed, write, tmp_path, engine):
    write("shop.py", APPLICATION.format("one"))
    write("settings.toml", "a = 1")
    write("templates/deep/page.html", "a")
    running = developed(*engine, "--reload-extra-file", "settings.toml", "--reload-extra-file", "templates/**/*.html",
                        "--chdir", tmp_path / "templates")
    for number, name in enumerate(["settings.toml", "templates/deep/page.html", "templates/new/other.html"], 1):
        # The one that serves now has looked at its files once it has seen this.
        write(name, "changed")
        running.wait_for_log(r"Worker reloading: %s modified" % re.escape(str(tmp_path / name)))
        running.wait_for_log(LOADED, number + 1)
        answer(running)


def test_a_configuration_file_that_changes_reloads_the_configuration(developed, write, tmp_path, engine):
    write("shop.py", APPLICATION.format("one"))
    write("gunicorn.conf.py", "include('more.py')\n")
    write("more.py", "workers = 1\n")
    running = developed(*engine)
    write("more.py", "workers = 2\n")
    running.wait_for_log(r"Configuration reloading: %s modified" % re.escape(str(tmp_path / "more.py")))
    running.wait_for_log(r"Reload complete\.")
    running.wait_for_workers(2)
    assert version(running) == "one"
    assert not reloads(running)


def test_a_configuration_file_that_is_broken_changes_nothing_until_it_is_mended(developed, write):
    write("shop.py", APPLICATION.format("one"))
    write("gunicorn.conf.py", "workers = 1\n")
    running = developed("--reload")
    write("gunicorn.conf.py", "workers = (\n")
    running.wait_for_log(r"Reload given up")
    assert version(running) == "one"
    write("gunicorn.conf.py", "workers = 2\n")
    running.wait_for_log(r"Reload complete\.")
    running.wait_for_workers(2)


def test_an_edit_of_what_the_configuration_imports_reaches_the_application(developed, write):
    """It was imported in the master: workers alone would have the old one for ever."""
    write("common.py", "VALUE = 'one'")
    write("shop.py", IMPORTING.format(module="common"))
    write("gunicorn.conf.py", "import common\n")
    running = developed("--reload")
    assert answer(running) == "one"
    write("common.py", "VALUE = 'second'")
    wait_for(running, "second")


def test_worker_int_is_called_and_worker_reloader_adds_files(developed, write, tmp_path, engine):
    write("shop.py", APPLICATION.format("one"))
    write("data.txt", "1")
    write("gunicorn.conf.py", """
import os
def post_worker_init(worker):
    worker.reloader.add_extra_file(%r)
def worker_int(worker):
    os.write(2, b"interrupted %%d\\n" %% worker.pid)
""" % str(tmp_path / "data.txt"))
    running = developed(*engine)
    first = running.boots()[0]
    write("data.txt", "changed")
    running.wait_for_log(r"Worker reloading: %s modified" % re.escape(str(tmp_path / "data.txt")))
    running.wait_for_log("interrupted %d" % first)


def test_preload_app_is_no_obstacle(developed, write):
    write("shop.py", APPLICATION.format("one"))
    running = developed("--reload", "--preload")
    assert "preload_app" in running.log
    write("shop.py", APPLICATION.format("second"))
    wait_for(running, "second")


def test_without_reload_nothing_is_watched(developed, write):
    write("shop.py", APPLICATION.format("one"))
    running = developed()
    write("shop.py", APPLICATION.format("second"))
    running.send_signal(signal.SIGTTIN)
    running.wait_for_workers(2)
    assert not reloads(running)
    assert not any("inotify" in os.readlink("/proc/%d/fd/%s" % (pid, fd))
                   for pid in running.workers() for fd in os.listdir("/proc/%d/fd" % pid)
                   if os.path.islink("/proc/%d/fd/%s" % (pid, fd)))


STANDALONE = """
import os, sys, threading
from gunicorn.reloader import InotifyReloader, Reloader, reloader_engines
assert reloader_engines["poll"] is Reloader and reloader_engines["inotify"] is InotifyReloader
told = threading.Event()
seen = threading.Event()
class Watching(reloader_engines["auto"]):
    def get_files(self):
        files = super().get_files()
        assert os.path.abspath(os.__file__) in files
        seen.set()
        return files
reloader = Watching(extra_files=["*.txt"], interval=0.01, callback=lambda name: (print(name), told.set()))
reloader.add_extra_file("plain.cfg")
reloader.start()
for _ in range(2):  # the second time everything has been looked at once
    seen.clear()
    assert seen.wait(30)
open(sys.argv[1], "a").write("more")
assert told.wait(30)
"""


@pytest.mark.parametrize("name", ["a.txt", "plain.cfg"])
def test_the_reloader_of_the_package_works_on_its_own(write, tmp_path, name):
    write("a.txt", "1")
    write("plain.cfg", "1")
    done = subprocess.run(["/usr/bin/python3", "-c", STANDALONE, name], cwd=tmp_path, env={"PYTHONPATH": str(PACKAGE)},
                          capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == (str(tmp_path / name) + "\n", "", 0)
