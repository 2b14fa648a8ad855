"""Python logging: logconfig and its kin, logger classes, handlers of others, capture_output; at a start, a check and a reload."""

import json
import os
import re
import signal
import socket

import pytest

from raw_http import Connection, get
from server_process import APPS, read, wait_until

FORMATS = """
import logging
class Marked(logging.Formatter):
    def format(self, record):
        return "%s|%s|%s" % (record.name, record.levelname, record.getMessage())
"""


def lines_of(path, count):
    return wait_until(
        lambda: [read(path).splitlines()] if len(read(path).splitlines()) >= count else None,
        lambda: "%d lines in %s: %s" % (count, path, read(path)),
    )[0]


def dictionary(folder, mark="", name="py.log", **more):
    """A logconfig_dict that sends both logs to a file, each line with a mark."""
    handler = {"class": "logging.FileHandler", "filename": str(folder / name), "formatter": "short"}
    loggers = {
        one: {"level": "INFO", "handlers": ["file"], "propagate": False} for one in ("gunicorn.error", "gunicorn.access")
    }
    return {
        "version": 1,
        "formatters": {"short": {"format": mark + "%(name)s %(levelname)s %(message)s"}},
        "handlers": {"file": handler},
        "loggers": loggers,
        "root": {"level": "INFO", "handlers": []},
        **more,
    }


def ini(folder, name="py.log"):
    return (
        "[loggers]\nkeys=root,error,access\n[handlers]\nkeys=file\n[formatters]\nkeys=short\n"
        "[logger_root]\nlevel=INFO\nhandlers=\n"
        "[logger_error]\nqualname=gunicorn.error\nlevel=INFO\nhandlers=file\npropagate=0\n"
        "[logger_access]\nqualname=gunicorn.access\nlevel=INFO\nhandlers=file\npropagate=0\n"
        "[handler_file]\nclass=FileHandler\nformatter=short\nargs=('%%(here)s/%s',)\n"
        "[formatter_short]\nformat=%%(name)s %%(levelname)s %%(message)s\n" % name
    )


def configured(folder, how, **more):
    """Options for a server whose logs are configured in one of the ways."""
    if how == "logconfig":
        (folder / "log.ini").write_text(ini(folder))
        return ["--log-config", "log.ini"]
    if how == "paste":
        (folder / "paste.ini").write_text(
            "[app:main]\nuse = call:paste_app:make\n[server:main]\nuse = egg:gunicorn#main\n" + ini(folder)
        )
        (folder / "paste_app.py").write_text("import hello\ndef make(global_conf, **conf):\n    return hello.app\n")
        return ["--paste", "paste.ini"]
    if how == "logconfig_json":
        (folder / "log.json").write_text(json.dumps(dictionary(folder)))
        return ["--log-config-json", "log.json"]
    (folder / "conf.py").write_text("logconfig_dict = %r\n" % dictionary(folder))
    return ["-c", "conf.py"]


def launch(server, *arguments):
    """A server whose log does not say where it listens."""
    running = server.launch(*arguments, bind="unix:s.sock")
    running.socket = str(running.folder.parent / "s.sock")

    def listens():
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(running.socket) == 0

    wait_until(listens, lambda: running.describe())
    return running


def wait_for(path, text):
    return wait_until(lambda: text in read(path), lambda: "%r in %s:\n%s" % (text, path, read(path)))


@pytest.mark.parametrize("how", ["logconfig", "logconfig_json", "logconfig_dict", "paste"])
def test_both_logs_go_where_a_logconfig_sends_them(server, worker_kind, tmp_path, how):
    running = launch(server, *worker_kind, *configured(tmp_path, how), *([] if how == "paste" else ["hello:app"]))
    assert get(running.socket, "/x").status == 200
    log = tmp_path / "py.log"
    wait_for(log, '"GET /x HTTP/1.1" 200 6')
    assert running.stop() == 0
    text = read(log)
    assert "gunicorn.error INFO Starting gunicorn" in text and "gunicorn.error INFO Shutting down: Master" in text
    assert re.search(r"gunicorn.access INFO .*GET /x", text)
    assert text.count("GET /x") == 1
    assert "Starting" not in running.stderr and running.stdout == ""


def test_the_dictionary_is_stronger_than_json_which_is_stronger_than_ini(server, tmp_path):
    (tmp_path / "log.json").write_text(json.dumps(dictionary(tmp_path, "JSON ")))
    (tmp_path / "log.ini").write_text(ini(tmp_path))
    (tmp_path / "conf.py").write_text("logconfig_dict = %r\n" % dictionary(tmp_path, "DICT "))
    both = ["--log-config", "log.ini", "--log-config-json", "log.json"]
    for options, mark in ((both, "JSON "), (["-c", "conf.py", *both], "DICT ")):
        running = launch(server, *options, "hello:app")
        assert running.stop() == 0
        lines = lines_of(tmp_path / "py.log", 3)
        assert all(line.startswith(mark) for line in lines), lines
        (tmp_path / "py.log").unlink()


def test_a_part_of_a_dictionary_is_completed_and_writes_no_line_twice(server, worker_kind, tmp_path):
    formatters = {"generic": {"format": "MINE %(message)s"}}
    (tmp_path / "conf.py").write_text("logconfig_dict = {'formatters': %r}\n" % formatters)
    running = launch(server, *worker_kind, "-c", "conf.py", "hello:app")
    get(running.socket, "/once")
    wait_until(lambda: "/once" in running.stdout, "the access line on standard output")
    assert running.stop() == 0
    assert running.stdout.count("/once") == 1 and running.stdout.startswith("MINE ")
    assert running.stderr.count("MINE Starting gunicorn") == 1 and "Starting" not in running.stdout


def test_handlers_of_a_dictionary_need_no_root_logger_beside_them(server, tmp_path):
    config = dictionary(tmp_path)
    del config["root"]
    (tmp_path / "conf.py").write_text("logconfig_dict = %r\n" % config)
    running = launch(server, "-c", "conf.py", "hello:app")
    wait_for(tmp_path / "py.log", "Booting worker")
    assert running.stop() == 0


BROKEN = [
    ("logconfig_dict = {'handlers': {'x': {'class': 'logging.NoSuchHandler'}}}", "logconfig_dict"),
    ("logconfig_dict = {'loggers': {'gunicorn.error': {'handlers': ['nobody']}}}", "logconfig_dict"),
    ("logconfig_json = 'broken.json'", "logconfig_json"),
    ("logconfig = 'broken.ini'", "logconfig"),
]


@pytest.mark.parametrize("text, setting", BROKEN)
def test_what_logging_refuses_is_one_clear_message_at_a_start_and_a_finding_of_a_check(run, tmp_path, text, setting):
    (tmp_path / "broken.json").write_text("{'no': json}")
    (tmp_path / "broken.ini").write_text("[loggers]\nkeys=root\n")
    (tmp_path / "conf.py").write_text("\n" + text + "\n")
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert (ended.status, ended.diagnostics) == (1, [("conf.py:2", setting, "bad-log-config")]), ended
    started = run("-c", "conf.py", "hello:app", bind="127.0.0.1:0")
    assert started.status == 1 and "Traceback" not in started.stderr, started
    assert setting + " (conf.py:2:" in started.stderr, started


@pytest.mark.parametrize("setting", ["logconfig", "logconfig_json"])
def test_a_logconfig_that_is_not_there_is_named_at_a_start_and_in_a_check(run, tmp_path, setting):
    (tmp_path / "conf.py").write_text("%s = 'nope.file'\n" % setting)
    for options in (["--check-config"], ["--bind", "127.0.0.1:0"]):
        ended = run("-c", "conf.py", *options, "hello:app")
        assert (ended.status, ended.diagnostics) == (1, [("conf.py:1", setting, "no-such-file")]), ended


def test_a_check_neither_makes_nor_cuts_off_the_files_of_handlers(run, tmp_path):
    existing = tmp_path / "py.log"
    existing.write_text("what the running server has written\n")
    config = dictionary(tmp_path)
    config["handlers"]["file"]["mode"] = "w"
    config["handlers"]["other"] = {"class": "logging.FileHandler", "filename": str(tmp_path / "new.log")}
    (tmp_path / "conf.py").write_text("logconfig_dict = %r\n" % config)
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert ended.status == 0, ended
    assert read(existing) == "what the running server has written\n" and not (tmp_path / "new.log").exists()
    config["handlers"]["other"]["filename"] = str(tmp_path / "no" / "folder.log")
    (tmp_path / "conf.py").write_text("logconfig_dict = %r\n" % config)
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert ended.diagnostics == [("conf.py:1", "logconfig_dict", "bad-log-config")], ended


def test_a_reload_applies_another_logconfig_and_goes_back_when_it_is_wrong(server, worker_kind, tmp_path):
    conf, log = tmp_path / "conf.py", tmp_path / "py.log"
    conf.write_text("logconfig_dict = %r\n" % dictionary(tmp_path, "ONE "))
    running = launch(server, *worker_kind, "-c", "conf.py", "hello:app")
    wait_for(log, "ONE gunicorn.error INFO Booting worker")
    conf.write_text("logconfig_dict = {'handlers': {'x': {'class': 'logging.NoSuchHandler'}}}\n")
    running.send_signal(signal.SIGHUP)
    wait_for(log, "NoSuchHandler")
    before = len(read(log))
    get(running.socket, "/after-refusal")
    wait_for(log, "/after-refusal")
    assert read(log)[before:].startswith("ONE ")
    conf.write_text("logconfig_dict = %r\n" % dictionary(tmp_path, "TWO "))
    running.send_signal(signal.SIGHUP)
    wait_for(log, "TWO gunicorn.error INFO Booting worker")
    wait_until(lambda: get(running.socket, "/after-reload") and "TWO gunicorn.access" in read(log), "a worker with it")
    conf.write_text("errorlog = %r\n" % str(tmp_path / "stock.log"))
    running.send_signal(signal.SIGHUP)
    wait_for(tmp_path / "stock.log", "Booting worker with pid")
    running.stop()
    assert not re.search(r"TWO .*Shutting down: Master", read(log)) and "Shutting down" in read(tmp_path / "stock.log")


# Goes wrong in the master only, behind the check.
LATE = """
import os
import gunicorn.glogging
class Late(gunicorn.glogging.Logger):
    def setup(self, cfg):
        super().setup(cfg)
        raise RuntimeError("not today")
logger_class = Late
"""


@pytest.mark.parametrize("first", ["stock", "dictionary"])
def test_a_logger_that_fails_in_a_reload_leaves_the_old_one_logging(server, worker_kind, tmp_path, first):
    conf, log = tmp_path / "conf.py", tmp_path / "py.log"
    good = {"stock": "errorlog = accesslog = %r\n" % str(log), "dictionary": "logconfig_dict = %r\n" % dictionary(tmp_path)}
    conf.write_text(good[first])
    running = launch(server, *worker_kind, "-c", "conf.py", "hello:app")
    wait_for(log, "Booting worker")
    (worker,) = wait_until(running.workers, "a worker")
    conf.write_text(LATE)
    running.send_signal(signal.SIGHUP)
    wait_for(log, "not today")
    get(running.socket, "/still-here")
    wait_for(log, "/still-here")
    assert running.workers() == [worker]
    assert running.stop() == 0
    assert read(log).count("Shutting down: Master") == 1


def descriptors(pid):
    """What a process has open; descriptors that close meanwhile are left out."""
    found = []
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            found.append(os.readlink("/proc/%d/fd/%s" % (pid, fd)))
        except FileNotFoundError:
            pass
    return sorted(found)


@pytest.mark.parametrize("how", ["stock", "logconfig_dict", "logconfig", "class", "syslog", "capture"])
def test_reloads_leak_no_handlers(server, tmp_path, how):
    conf, log = tmp_path / "conf.py", tmp_path / "py.log"
    texts = {
        "stock": "errorlog = accesslog = %r\n" % str(log),
        "logconfig_dict": "logconfig_dict = %r\n" % dictionary(tmp_path),
        "logconfig": "logconfig = 'log.ini'\n",
        "class": "import gunicorn.glogging\nclass L(gunicorn.glogging.Logger): pass\n"
        "logger_class = L\nerrorlog = accesslog = %r\n" % str(log),
        "syslog": "syslog = True\nsyslog_addr = 'udp://127.0.0.1:9'\nerrorlog = %r\n" % str(log),
        "capture": "capture_output = True\nerrorlog = %r\n" % str(log),
    }
    (tmp_path / "log.ini").write_text(ini(tmp_path))

    def write(number):
        conf.write_text(texts[how] + "def post_worker_init(worker): worker.log.info('serves %d')\n" % number)

    write(0)
    running = launch(server, "-c", "conf.py", "hello:app")
    counts = []
    for number in range(1, 5):
        write(number)
        running.send_signal(signal.SIGHUP)
        wait_for(log, "serves %d" % number)
        wait_until(lambda: len(running.workers()) == 1, "the old worker is gone")
        counts.append(descriptors(running.pid))
    assert len(counts[3]) == len(counts[1]), (counts[1], counts[3])
    assert running.stop() == 0
    assert read(log).count("Shutting down: Master") == 1


def test_usr1_reopens_the_files_of_a_logconfig_in_all_processes(server, worker_kind, tmp_path):
    config = dictionary(tmp_path)
    config["handlers"]["watched"] = {
        "class": "logging.handlers.WatchedFileHandler", "filename": str(tmp_path / "watched.log"), "formatter": "short",
    }  # fmt: skip
    config["loggers"]["gunicorn.error"]["handlers"] = ["file", "watched"]
    (tmp_path / "conf.py").write_text("logconfig_dict = %r\n" % config)
    running = launch(server, *worker_kind, "-c", "conf.py", "kinds:app")
    log, watched = tmp_path / "py.log", tmp_path / "watched.log"
    get(running.socket, "/before")
    wait_for(log, "/before")
    log.rename(tmp_path / "py.1")
    watched.rename(tmp_path / "watched.1")
    running.send_signal(signal.SIGUSR1)

    def reopened():
        every = [descriptors(pid) for pid in [running.pid] + running.workers()]
        return all(str(log) in one and str(watched) in one and not any(".1" in name for name in one) for one in every)

    wait_until(reopened, "every process has the new files")
    old = read(tmp_path / "py.1")
    get(running.socket, "/boom")
    wait_for(log, "/boom")
    wait_for(watched, "RuntimeError")
    assert running.stop() == 0
    assert read(tmp_path / "py.1") == old


# Classes.

SUBCLASS = """
import datetime
from gunicorn.glogging import Logger, SafeAtoms
class Atoms(SafeAtoms):
    def __getitem__(self, key):
        return "shouted" if key == "x" else super().__getitem__(key)
class Mine(Logger):
    atoms_wrapper_class = Atoms
    error_fmt = "MINE " + Logger.error_fmt
    def setup(self, cfg):
        super().setup(cfg)
        self.info("set up %s %s", cfg.proc_name, len(self.error_log.handlers))
    def now(self):
        return "[now]"
    def atoms(self, resp, req, environ, request_time):
        atoms = super().atoms(resp, req, environ, request_time)
        assert isinstance(request_time, datetime.timedelta)
        atoms["x"] = "no"
        atoms["y"] = "%s %s %s %s %s" % (resp.status.split()[0], resp.status_code, req.method, req.path, environ["RAW_URI"])
        return atoms
    def reopen_files(self):
        super().reopen_files()
        self.info("reopened by mine")
"""
FORMAT = '%(t)s %(x)s %(y)s "%(r)s" %(s)s %(B)s'


def test_each_method_of_a_subclass_is_called(server, worker_kind, tmp_path):
    (tmp_path / "mine.py").write_text(SUBCLASS)
    log = tmp_path / "a.log"
    options = ["--logger-class", "mine.Mine", "--access-logfile", log, "--access-logformat", FORMAT]
    running = server(*worker_kind, *options, "hello:app")
    running.wait_for_log(r"MINE \[.*set up hello:app 1")
    get(running.address, "/p?q")
    assert lines_of(log, 1) == ['[now] shouted 200 200 GET /p /p?q "GET /p?q HTTP/1.1" 200 6']
    running.wait_for_workers(1)
    running.send_signal(signal.SIGUSR1)
    running.wait_for_log("reopened by mine", count=2)


def test_what_no_application_answers_is_logged_by_a_subclass_too(server, worker_kind, tmp_path):
    (tmp_path / "mine.py").write_text(SUBCLASS)
    log = tmp_path / "a.log"
    options = ["--logger-class", "mine.Mine", "--access-logfile", log, "--access-logformat", '"%(r)s" %(s)s %(h)s %({x-y}i)s']
    running = server(*worker_kind, *options, "--limit-request-line", "100", "kinds:app")
    get(running.address, "/boom", [("X-Y", "z")])
    assert lines_of(log, 1) == ['"GET /boom HTTP/1.1" 500 127.0.0.1 z']
    with Connection(running.address) as connection:
        connection.send(b"garbage\r\n\r\n")
        assert connection.read_response().status == 400
    assert lines_of(log, 2)[1].endswith('" 400 127.0.0.1 -')
    get(running.address, "/" + "x" * 200)
    assert len(lines_of(log, 3)) == 3
    get(running.address, "/declared-length")
    assert lines_of(log, 4)[3] == '"GET /declared-length HTTP/1.1" 200 127.0.0.1 -'


def test_a_subclass_that_raises_loses_its_lines_and_nothing_else(server, worker_kind, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from gunicorn.glogging import Logger\n"
        "class Mine(Logger):\n    def access(self, *arguments):\n        raise ValueError('no line')\n"
    )
    running = server(*worker_kind, "--logger-class", "mine.Mine", "hello:app")
    for _ in range(3):
        assert get(running.address).body == b"hello\n"
    with Connection(running.address) as connection:
        connection.send(b"garbage\r\n\r\n")
        assert connection.read_response().status == 400
    assert running.stop() == 0
    assert running.log.count("ValueError: no line") == 1


def test_access_of_a_subclass_is_called_without_an_access_log(server, worker_kind, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from gunicorn.glogging import Logger\n"
        "class Mine(Logger):\n"
        "    def access(self, resp, req, environ, request_time):\n        self.info('seen %s', req.path)\n"
    )
    running = server(*worker_kind, "--logger-class", "mine.Mine", "hello:app")
    get(running.address, "/path")
    running.wait_for_log("seen /path")


def test_an_entry_point_names_a_logger_class(server, tmp_path):
    (tmp_path / "mine.py").write_text(SUBCLASS)
    info = tmp_path / "shop-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gunicorn.loggers]\nmine = mine:Mine\n")
    running = server("--logger-class", "egg:shop#mine", "hello:app", env={"PYTHONPATH": "%s:%s" % (tmp_path, APPS)})
    running.wait_for_log("MINE ")


# The stock class, touched by others.

TOUCHED = {
    "a handler of a hook": "def on_starting(server): server.log.error_log.addHandler(H())\n",
    "a handler of the file": "logging.getLogger('gunicorn.error').addHandler(H())\n",
    "a method of the class": "import gunicorn.glogging\n"
    "def error(self, msg, *args, **kwargs): H().emit(logging.makeLogRecord({'msg': msg, 'args': args}))\n"
    "gunicorn.glogging.Logger.error = error\n",
    "a method of the object": "def post_fork(server, worker):\n"
    "    worker.log.error = lambda msg, *a, **k: H().emit(logging.makeLogRecord({'msg': msg, 'args': a}))\n",
}
HANDLER = """
import logging
class H(logging.Handler):
    def emit(self, record):
        with open('heard.log', 'a') as out:
            out.write(record.getMessage().splitlines()[0] + '\\n')
"""


@pytest.mark.parametrize("how", TOUCHED)
def test_a_native_error_is_heard_by_who_has_changed_the_logger(server, worker_kind, tmp_path, how):
    (tmp_path / "conf.py").write_text(HANDLER + TOUCHED[how])
    running = server(*worker_kind, "-c", "conf.py", "kinds:app")
    get(running.address, "/boom")
    wait_for(tmp_path / "heard.log", "Error handling request /boom")


@pytest.mark.parametrize("where", ["file", "application"])
def test_a_filter_of_the_access_log_counts(server, worker_kind, tmp_path, where):
    text = (
        "import logging\n"
        "class NoHealth(logging.Filter):\n"
        "    def filter(self, record): return '/health' not in record.getMessage()\n"
        "logging.getLogger('gunicorn.access').addFilter(NoHealth())\n"
    )
    (tmp_path / "conf.py").write_text(text if where == "file" else "")
    (tmp_path / "mine.py").write_text(("" if where == "file" else text) + "from hello import app\n")
    log = tmp_path / "a.log"
    running = server(*worker_kind, "-c", "conf.py", "--access-logfile", log, "mine:app")
    get(running.address, "/health")
    get(running.address, "/shop")
    (line,) = lines_of(log, 1)
    assert '"GET /shop HTTP/1.1" 200 6' in line


def test_a_client_cannot_forge_lines_of_a_python_access_log(server, worker_kind, tmp_path):
    log = tmp_path / "a.log"
    (tmp_path / "conf.py").write_text("import gunicorn.glogging\nclass L(gunicorn.glogging.Logger): pass\nlogger_class = L\n")
    options = ["--access-logfile", log, "--access-logformat", '"%(U)s" "%(a)s"']
    running = server(*worker_kind, "-c", "conf.py", *options, "hello:app")
    get(running.address, "/a%0Ab%22", [("User-Agent", 'x" 200')])
    (line,) = lines_of(log, 1)
    assert line == '"/a\\x0ab\\"" "x\\" 200"'


# capture_output.


def test_captured_output_goes_to_the_error_log_also_after_rotation_and_reload(server, worker_kind, tmp_path):
    (tmp_path / "prints.py").write_text(
        "import os, sys\n"
        "def app(environ, start_response):\n"
        "    print('out', environ['PATH_INFO'], flush=True)\n"
        "    print('err', environ['PATH_INFO'], file=sys.stderr, flush=True)\n"
        "    os.system('echo child')\n"
        "    start_response('200 OK', [])\n    return []\n"
    )
    conf, log = tmp_path / "conf.py", tmp_path / "error.log"
    conf.write_text("capture_output = True\nerrorlog = 'error.log'\n")
    running = launch(server, *worker_kind, "-c", "conf.py", "prints:app")
    get(running.socket, "/one")
    for text in ("out /one", "err /one", "child"):
        wait_for(log, text)
    log.rename(tmp_path / "error.1")
    running.send_signal(signal.SIGUSR1)
    wait_until(lambda: not any(".1" in n for pid in [running.pid] + running.workers() for n in descriptors(pid)), "reopened")
    get(running.socket, "/two")
    wait_for(log, "err /two")
    running.send_signal(signal.SIGHUP)
    wait_for(log, "Booting worker")
    wait_until(lambda: get(running.socket, "/three") and "err /three" in read(log), "a line after the reload")
    conf.write_text("errorlog = 'error.log'\n")
    running.send_signal(signal.SIGHUP)
    wait_until(lambda: get(running.socket, "/four") and "out /four" in running.stdout, "output where it went before")
    assert running.stop() == 0
    assert "/one" not in running.stdout + running.stderr and "/two" not in running.stdout
