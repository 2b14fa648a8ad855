"""Configuration files that are broken or hostile: a check of each ends soon, with a located finding or well, and leaves nothing.

The fixture `run` fails a test whose processes are left behind.
"""

import os
import re
import subprocess
import textwrap

import pytest

from server_process import BINARY, environment, read_findings

MOST_OUTPUT = 64000  # of anything that a check says


@pytest.fixture
def check(run, tmp_path):
    """The check of a configuration file with that text; True for what holds of each."""

    def command(text, *arguments, name="conf.py"):
        content = text if isinstance(text, bytes) else textwrap.dedent(text).encode()
        (tmp_path / name).write_bytes(content)
        return judged(run("-c", name, "--check-config", *arguments, "hello:app"))

    return command


def judged(ended):
    assert ended.status in (0, 1), ended
    assert (ended.status == 1) == any(found.severity == "error" for found in ended.findings), ended
    assert "_checks" not in ended.stderr and "AssertionError" not in ended.stderr, ended
    assert len(ended.stderr) + len(ended.stdout) < MOST_OUTPUT, len(ended.stderr)
    return ended


def errors(ended):
    return [(found.line, found.name) for found in ended.findings if found.severity == "error"]


# What does not compile.


SYNTAX = {
    "an operator": ("workers = 2\nworkers = = 3\n", 2),
    "an indentation": ("if True:\nworkers = 2\n", 2),
    "tabs and spaces": ("if True:\n        x = 1\n\ty = 2\n", 3),
    "a bracket": ("workers = (2\n", 1),
    "a string": ("bind = 'x\n", 1),
    "python 2": ("workers = 2\nprint 'x'\n", 2),
    "a return": ("workers = 2\nreturn\n", 2),
    "an await": ("workers = await x\n", 1),
    "another language": ('{\n  "workers": 2,,\n}\n', 2),
    "a merge": ("<<<<<<< HEAD\nworkers = 2\n=======\n", 1),
    "no utf-8": (b"workers = 2\nproc_name = '\xff\xfe'\n", 2),
    "an unknown encoding": (b"# -*- coding: klingon -*-\nworkers = 2\n", 0),
    "a NUL byte": (b"workers = 2\nproc_name = 'a\0b'\n", 2),
    "a program": (open(BINARY, "rb").read(100000), 1),
    "utf-16": ("workers = 2\n".encode("utf-16"), 1),
    "brackets": ("workers = " + "(" * 500 + ")" * 500 + "\n", 1),
}


@pytest.mark.parametrize("name", SYNTAX)
def test_what_is_no_python_is_a_located_syntax_error(check, name):
    text, line = SYNTAX[name]
    ended = check(text)
    assert [name for _, name in errors(ended)] == ["bad-syntax"], ended
    assert errors(ended)[0][0] in ("conf.py:%d" % line, "conf.py"), ended


def test_deep_expressions_are_an_error_or_fine(check):
    ended = check("workers = " + "-" * 100000 + "2\n")
    assert ended.status == 1 and {name for _, name in errors(ended)} <= {"bad-syntax", "config-raised"}, ended
    assert check("workers = 0" + " + 0" * 2000 + " + 2\n").status == 0


# What raises.


RAISES = {
    "at top level": ("workers = 1\n1 / 0\n", 2),
    "in a function": ("def f():\n    return {}['x']\nworkers = f()\n", 2),
    "in a library": ("import json\nworkers = json.loads('{')\n", 2),
    "in an import": ("workers = 1\nimport no_such_module\n", 2),
    "in a module beside it": ("import broken\n", 1),
    "without an end": ("def f():\n    f()\nf()\n", 2),
    "two functions without an end": ("def f():\n    g()\ndef g():\n    f()\nf()\n", None),
    "no Exception": ("class Own(BaseException):\n    pass\nraise Own\n", 3),
    "an interrupt": ("workers = 1\nraise KeyboardInterrupt\n", 2),
    "a GeneratorExit": ("raise GeneratorExit\n", 1),
    "an exception without a text": ("class Bad(Exception):\n    def __str__(self):\n        raise ValueError\nraise Bad\n", 4),
    "a long text": ("raise ValueError('x' * 10**7)\n", 1),
    "many lines": ("raise ValueError('x\\n' * 10**5)\n", 1),
    "escape sequences": ("raise ValueError('\\x1b[2J\\x07')\n", 1),
    "no memory": ("workers = 1\nraise MemoryError\n", 2),
    "an exception of itself": ("e = ValueError('x')\ne.__cause__ = e\nraise e\n", 3),
    "a syntax error of its own": ("compile('(', 'x', 'exec')\n", 1),
    "a syntax error without a place": ("raise SyntaxError\n", 1),
    "a NUL in a name": ("open('a\\0b')\n", 1),
    "a missing variable": ("import os\nbind = os.environ['NOT_SET']\n", 2),
}


@pytest.mark.parametrize("name", RAISES)
def test_what_raises_is_located_and_shows_frames_of_the_user_only(check, tmp_path, name):
    (tmp_path / "broken.py").write_text("def f():\n    raise ValueError('reason')\nf()\n")
    text, line = RAISES[name]
    ended = check(text)
    ((place, kind),) = errors(ended)
    assert kind in ("config-raised", "bad-syntax"), ended
    assert line is None or place == "conf.py:%d" % line, ended
    frames = re.findall(r'^  File "(.*)", line', ended.stderr, re.M)
    assert all("/" not in path or path.startswith(str(tmp_path)) for path in frames), frames
    assert "importlib" not in ended.stderr and "\x1b" not in ended.stderr


def test_a_missing_environment_variable_is_named(check):
    (found,) = check("import os\nbind = os.environ['NOT_SET']\n").findings
    assert found.message == "KeyError: 'NOT_SET'"
    assert found.help == "the environment variable NOT_SET is not set"


# What ends the process.


@pytest.mark.parametrize("call", ["sys.exit()", "sys.exit(3)", "sys.exit('no')", "exit(0)", "os._exit(0)", "os._exit(3)"])
def test_what_ends_the_process_is_located_and_exit_1(check, call):
    ended = check("import os, sys\ndef leave():\n    %s\nleave()\n" % call)
    assert errors(ended) == [("conf.py:3", "config-exited")], ended


@pytest.mark.parametrize("text", ["import os\nos.abort()\n", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"])
def test_a_signal_is_exit_1_and_named(run, tmp_path, text):
    (tmp_path / "conf.py").write_text(text)
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert ended.status == 1 and re.search("Aborted|Killed", ended.stderr), ended


# What a process leaves.


LEFT = {
    "threads": "import threading\nfor i in range(4):\n    threading.Thread(target=threading.Event().wait).start()\n",
    "a busy thread": "import threading\ndef f():\n    while True: pass\nthreading.Thread(target=f).start()\n",
    "a fork that sleeps": "import os, time\nif os.fork() == 0:\n    time.sleep(1000)\n    os._exit(0)\n",
    "a fork that goes on": "import os\nos.fork()\nworkers = 1\n",
    "a daemon": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(1000)\n    os._exit(0)\n",
    "a program": "import subprocess\nsubprocess.Popen(['sleep', '1000'])\n",
    "a process that ignores signals": "import subprocess\nsubprocess.Popen(['sh', '-c', 'trap \"\" TERM INT HUP; sleep 1000'])\n",
    "multiprocessing": "import multiprocessing, time\nmultiprocessing.Process(target=time.sleep, args=(1000,)).start()\n",
    "a pool": "from concurrent.futures import ThreadPoolExecutor as E\nimport threading\nE().submit(threading.Event().wait)\n",
}


@pytest.mark.parametrize("name", LEFT)
def test_what_still_runs_ends_with_the_check(check, name):
    ended = check(LEFT[name])
    assert (ended.status, errors(ended)) == (0, []), ended
    assert ended.stdout.count("The configuration is valid") == 1
    assert [found.name for found in ended.findings if found.severity == "note"], "it is told"


def test_what_an_application_leaves_running_ends_with_the_check(run, tmp_path):
    text = "import subprocess, threading\nsubprocess.Popen(['sleep', '1000'])\nthreading.Thread(target=threading.Event().wait).start()\n"
    (tmp_path / "busy.py").write_text(text + "from hello import app\n")
    assert judged(run("--check-config", "busy:app")).status == 0


def test_functions_for_the_end_of_the_process_run(check, tmp_path):
    ended = check("import atexit\natexit.register(lambda: open('ran', 'w').close())\natexit.register(lambda: 1 / 0)\n")
    assert ended.status == 0 and (tmp_path / "ran").exists()


# What changes the process.


CHANGES = {
    "the working directory": "import os\nos.chdir('/')\n",
    "no working directory": "import os, tempfile\nwith tempfile.TemporaryDirectory() as d:\n    os.chdir(d)\n",
    "sys.path": "import sys\nsys.path.append(None)\nsys.path.append(5)\n",
    "sys.argv": "import sys\ndel sys.argv[:]\n",
    "a trace function": "import sys\nsys.settrace(None)\n",
    "a profile function": "import sys\nsys.setprofile(lambda *a: None)\n",
    "signals": "import signal\nfor n in (1, 2, 10, 12, 13, 14, 15, 17):\n    signal.signal(n, signal.SIG_IGN)\n",
    "the limit of recursion": "import sys\nsys.setrecursionlimit(120)\n",
    "standard streams": "import sys\nsys.stdout = sys.stderr = None\n",
    "standard input": "import os\nos.close(0)\n",
    "standard output": "import os\nos.close(1)\n",
    "warnings": "import warnings\nwarnings.simplefilter('error')\n",
    "collection": "import gc\ngc.disable()\ngc.set_threshold(1)\n",
    "umask": "import os\nos.umask(0o777)\n",
    "environment": "import os\nos.environ.clear()\n",
    "its module": "import sys\ndel sys.modules['__config__']\n",
    "its names": "globals().clear()\n",
    "odd names": "globals()['\\udcff'] = 1\nglobals()['a b'] = 2\n",
    "a loop of itself": "import __config__\nimport __config__ as me\n",
    "nothing": "",
    "a byte order mark": b"\xef\xbb\xbfworkers = 2\n",
    "DOS line ends": b"workers = 2\r\nbind = '127.0.0.1:0'\r\n",
    "a form feed": b"\x0cworkers = 2\n\x0c\n",
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_config_that_changes_the_process_is_checked_all_the_same(check, name):
    ended = check(CHANGES[name])
    assert (ended.status, errors(ended)) == (0, []), ended


def test_closed_standard_error_keeps_the_exit_status(run, tmp_path):
    for text, status in (("workers = 2\n", 0), ("workers = -2\n", 1)):
        (tmp_path / "conf.py").write_text("import os\nos.close(1)\nos.close(2)\n" + text)
        assert run("-c", "conf.py", "--check-config", "hello:app").status == status


# Values.


VALUES = {
    "a long text": ("proc_name = 'x' * 10**7\n", None),
    "a long text for a number": ("workers = 'x' * 10**7\n", "workers"),
    "a long list": ("raw_env = ['A=1'] * 10**6\n", None),
    "a long list for a number": ("workers = list(range(10**6))\n", "workers"),
    "a long list of wrong ones": ("raw_env = list(range(10**5))\n", "raw_env"),
    "a large number": ("workers = 10**1000\n", "workers"),
    "a number too large to print": ("workers = 10**10000\n", "workers"),
    "a deep list": ("raw_env = []\nfor i in range(10**5): raw_env = [raw_env]\n", "raw_env"),
    "a list in itself": ("raw_env = []\nraw_env.append(raw_env)\n", "raw_env"),
    "a dictionary in itself": ("logconfig_dict = {}\nlogconfig_dict['x'] = logconfig_dict\n", None),
    "not a number": ("workers = float('nan')\n", "workers"),
    "infinity": ("workers = float('inf')\n", "workers"),
    "a NUL in a text": ("bind = 'a\\0b'\n", "bind"),
    "a lone surrogate": ("proc_name = '\\udcff'\n", None),
    "escape sequences": ("workers = '\\x1b[2J'\n", "workers"),
    "a repr that raises": ("class C:\n    def __repr__(self): raise ValueError\nworkers = C()\n", "workers"),
    "a repr that is no text": ("class C:\n    def __repr__(self): return 5\nworkers = C()\n", "workers"),
    "a repr that is long": ("class C:\n    def __repr__(self): return 'x' * 10**7\nworkers = C()\n", "workers"),
    "a repr that exits": ("class C:\n    def __repr__(self): raise SystemExit(0)\nworkers = C()\n", "workers"),
    "an object that answers anything": ("from unittest.mock import MagicMock\nworkers = MagicMock()\n", "workers"),
    "equality that raises": ("class C:\n    def __eq__(self, o): raise ValueError\n    __hash__ = None\nworkers = C()\n", "workers"),
    "a text of its own class": ("class S(str): pass\nbind = S('127.0.0.1:0')\n", None),
    "a list of its own class": ("class L(list): pass\nbind = L(['127.0.0.1:0'])\n", None),
    "a module": ("import os\nworkers = os\n", "workers"),
    "a metaclass": (
        "class M(type):\n"
        "    def __getattribute__(self, name): raise ValueError\n"
        "    def __instancecheck__(self, other): raise ValueError\n"
        "    def __repr__(self): raise ValueError\n"
        "    def __bool__(self): raise ValueError\n"
        "class C(metaclass=M): pass\n"
        "workers = C\n",
        "workers",
    ),
    "a callable without a signature": (
        "class C:\n    @property\n    def __signature__(self): raise ValueError\n    def __call__(self, server): pass\non_exit = C()\n",
        None,
    ),
    "attributes that raise": ("class C:\n    def __getattr__(self, n): raise ValueError(n)\nlogger_class = C()\n", "logger_class"),
    "a property for a class": ("worker_class = property(lambda self: 1 / 0)\n", "worker_class"),
}


@pytest.mark.parametrize("name", VALUES)
def test_an_odd_value_is_fine_or_located(check, name):
    text, setting = VALUES[name]
    ended = check(text)
    if setting is not None:
        assert ended.status == 1, ended
    for found in ended.findings:
        if found.severity == "error":
            assert found.setting == setting or name.startswith("a dictionary"), ended
            assert found.line.startswith("conf.py:"), ended
    assert "\x1b" not in ended.stderr


def test_a_dictionary_of_its_own_class_is_a_dictionary(check):
    ended = check("from collections import OrderedDict\nlogconfig_dict = OrderedDict(version=1)\n")
    assert "not-a-dictionary" not in [found.name for found in ended.findings]


# What is no ordinary file.


def test_a_directory_is_an_error(run, tmp_path):
    (tmp_path / "conf.d.py").mkdir()
    ended = judged(run("-c", "conf.d.py", "--check-config", "hello:app"))
    assert errors(ended) == [("command line", "no-config-file")], ended


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/urandom"])
def test_an_endless_file_is_an_error(run, path):
    ended = judged(run("-c", path, "--check-config", "hello:app"))
    assert errors(ended) == [("command line", "unreadable-file")], ended


def test_a_named_pipe_that_nobody_writes_to_does_not_hang(run, tmp_path):
    os.mkfifo(tmp_path / "conf.py")
    ended = judged(run("-c", "conf.py", "--check-config", "hello:app"))
    assert errors(ended) == [("command line", "unreadable-file")], ended


def test_a_pipe_is_read_to_its_end(tmp_path):
    command = "{ echo 'threads = 2'; echo 'workers = -3'; } | %s -c /dev/stdin --check-config hello:app" % BINARY
    ended = subprocess.run(command, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert [(found.line, found.name) for found in read_findings(ended.stderr)] == [("/dev/stdin:2", "negative-integer")]


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_a_file_that_may_not_be_read_is_an_error(tmp_path):
    conf = tmp_path / "conf.py"
    conf.write_text("workers = 2\n")
    conf.chmod(0)
    ended = subprocess.run(
        [str(BINARY), "-c", str(conf), "--check-config", "hello:app"],
        cwd="/",
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        user=65534,
        group=65534,
        extra_groups=[],
    )
    assert ended.returncode == 1, ended
    (found,) = read_findings(ended.stderr)
    assert (found.line, found.name) == ("command line", "unreadable-file") and "Permission denied" in found.message


@pytest.mark.parametrize("name", ["gunicorn.py", "os.py", "conf", "conf.py.bak", "ünï.py", "with space.py", "-x.py"])
def test_a_config_may_have_any_name(run, tmp_path, name):
    (tmp_path / name).write_text("import gunicorn.config\nworkers = -3\n")
    ended = judged(run("--config=./" + name, "--check-config", "hello:app"))
    assert errors(ended) == [(name + ":2", "negative-integer")], ended


def test_what_a_config_prints_is_kept_apart_from_the_report(check):
    ended = check("import os, sys\nprint('on stdout')\nprint('on stderr', file=sys.stderr)\nos.write(1, b'raw')\n")
    assert ended.status == 0
    assert "on stdout" in ended.stderr and "on stdout" not in ended.stdout and ended.stdout.count("The configuration is valid") == 1
