"""What a configuration file does besides setting values: told by --check-config, line by line."""

import pytest


@pytest.fixture
def notes(run, tmp_path):
    """(line, message) of each side effect of a configuration file; the check of it ends well."""

    def check(text, **options):
        (tmp_path / "conf.py").write_text(text)
        ended = run("-c", "conf.py", "--check-config", "hello:app", **options)
        assert ended.status == 0, ended
        assert {found.name for found in ended.findings} <= {"side-effect"}, ended
        assert {found.severity for found in ended.findings} <= {"note"}
        return [(int((found.line + ":0").split(":")[1]), found.message) for found in ended.findings]

    return check


ACTS = {
    "a file that is made": ("open('made', 'w').close()", "makes the file {0}/made"),
    "a file that is written": ("open('old', 'a').close()", "writes to the file {0}/old"),
    "a file by descriptor": ("os.close(os.open('made', os.O_CREAT | os.O_WRONLY))", "makes the file {0}/made"),
    "a directory": ("os.makedirs('folder')", "makes the directory {0}/folder"),
    "a removal": ("os.remove('old')", "removes {0}/old"),
    "a tree": ("shutil.rmtree('tree')", "removes {0}/tree"),
    "a new name": ("os.rename('old', 'new')", "makes {0}/new of {0}/old"),
    "another directory": ("os.chdir('tree')", "changes the working directory to tree"),
    "a bound socket": ("s = socket.socket(); s.bind(('127.0.0.1', 0))", "binds a socket to 127.0.0.1:0"),
    "a connection": ("s = socket.socket(type=socket.SOCK_DGRAM); s.connect(('127.0.0.1', 9))", "connects to 127.0.0.1:9"),
    "a program": ("subprocess.check_output(['true'])", "runs the program true"),
    "a program with a password": ("subprocess.call(['true', '--password', 'hunter2'])", "runs the program true with 2 arguments"),
    "a program by its path": ("os.posix_spawn('/bin/true', ['true', '-phunter6'], {})", "runs the program /bin/true with 1 argument"),
    "a command": ("os.system('true')", "runs the command true"),
    "a command with a password": ("os.system('A=\"hunter 2\" true -phunter6 x')", "runs the command true with 2 arguments"),
    "a fork": ("if os.fork() == 0: os._exit(0)", "forks the process"),
    "a database": ("sqlite3.connect('old').close()", "opens the database old"),
}


@pytest.mark.parametrize("name", ACTS)
def test_a_side_effect_is_a_note_at_its_line(notes, tmp_path, name):
    (tmp_path / "old").touch()
    (tmp_path / "tree").mkdir()
    act, message = ACTS[name]
    found = notes("import os, shutil, socket, subprocess, sqlite3\nworkers = 1\n%s\n" % act)
    assert found == [(3, message.format(tmp_path))]


def test_a_side_effect_in_a_function_of_the_file_is_located_in_it(notes, tmp_path):
    text = "import os\ndef prepare():\n    os.mkdir('folder')\nprepare()\n"
    assert notes(text) == [(3, "makes the directory %s/folder" % tmp_path)]


def test_a_side_effect_of_an_imported_module_is_located_at_the_import(notes, tmp_path):
    (tmp_path / "helper.py").write_text("open('made', 'w').close()\n")
    assert notes("workers = 1\nimport helper\n") == [(2, "makes the file %s/made" % tmp_path)]


HARMLESS = {
    "reading": "open(__file__).read()\nimport os\nos.listdir('.')\nos.stat('.')",
    "the null device": "import os\nopen(os.devnull, 'w').close()",
    "byte code": "import helper",
    "a directory that is there": "import os\nos.makedirs('tree', exist_ok=True)",
    "temporary files": "import tempfile\nfor i in range(3):\n    with tempfile.NamedTemporaryFile() as f: f.write(b'x')\n"
    "with tempfile.TemporaryDirectory() as d: open(d + '/x', 'w').close()\ntempfile.TemporaryFile().close()",
    "imports of libraries": "import asyncio, multiprocessing, logging.config, ssl, ctypes, uuid, json, http.server",
    "environment": "import os\nos.environ['X'] = '1'\nos.environ.setdefault('Y', '2')",
    "counting processors": "import multiprocessing\nworkers = min(multiprocessing.cpu_count(), 4)",
    "the name of the host": "import socket\nproc_name = socket.gethostname()",
    "a database in memory": "import sqlite3\nsqlite3.connect(':memory:').close()",
    "a thread that ended": "import threading\nt = threading.Thread(target=int)\nt.start()\nt.join()",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_leaves_nothing_behind_is_not_mentioned(notes, tmp_path, name):
    (tmp_path / "tree").mkdir()
    (tmp_path / "helper.py").write_text("x = 1\n")
    assert notes(HARMLESS[name] + "\n", env={"PYTHONDONTWRITEBYTECODE": None}) == []


def test_a_thread_that_still_runs_is_told_and_does_not_keep_the_check(notes):
    text = "import threading\ndef wait():\n    threading.Event().wait()\nthreading.Thread(target=wait, name='watcher').start()\n"
    ((line, message),) = notes(text)
    assert line in (2, 4) and message == "starts the thread 'watcher', which still runs"


def test_many_side_effects_are_counted(notes):
    found = notes("import os\n" + "".join("os.mkdir('d%d')\n" % number for number in range(13)))
    assert [line for line, _ in found] == list(range(2, 12)) + [11]
    assert found[-1][1] == "and 3 more side effects"


def test_the_working_directory_is_put_back_for_the_rest_of_the_check(run, tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "conf.py").write_text("import os\nos.chdir('tree')\n")
    (tmp_path / "beside.py").write_text("import os\ndef app(environ, start_response):\n    pass\nassert 'tree' not in os.getcwd()\n")
    assert run("-c", "conf.py", "--check-config", "beside:app").status == 0


def test_a_start_and_print_config_say_nothing_of_side_effects(run, tmp_path):
    (tmp_path / "conf.py").write_text("open('made', 'w').close()\n")
    ended = run("-c", "conf.py", "--print-config", "hello:app")
    assert (ended.status, ended.findings) == (0, [])


def test_side_effects_before_an_exception_are_told_too(run, tmp_path):
    (tmp_path / "conf.py").write_text("open('made', 'w').close()\n1 / 0\n")
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert ended.status == 1
    assert sorted((found.line, found.name) for found in ended.findings) == [
        ("conf.py:1", "side-effect"),
        ("conf.py:2", "config-raised"),
    ]
