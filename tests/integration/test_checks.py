"""The check as a tool: levels, formats, severities, time, and the sources that operators layer."""

import json
import os
import re
import signal
import subprocess

import pytest

from server_process import BINARY, children_of, is_running, wait_until


def write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py").replace("_env", ".env").replace("_ini", ".ini")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def check(run, *arguments, app="hello:app", level="", **options):
    return run("--check-config" + level, *arguments, *([app] if app else []), **options)


# levels


def test_an_offline_check_asks_neither_this_host_nor_the_application(run, tmp_path):
    write(tmp_path, conf_py="user = 'ghost'\nchdir = '/nowhere'\npidfile = '/nowhere/x.pid'\n")
    offline = check(run, "-c", "conf.py", level="=offline", app="no_such_module:app")
    assert (offline.status, offline.findings) == (0, []), offline
    assert "offline" in offline.stdout


def test_an_offline_check_still_judges_values_and_names(run, tmp_path):
    write(tmp_path, conf_py="workers = 'many'\ntreads = 4\nbind = '127.0.0.1:99999'\n")
    ended = check(run, "-c", "conf.py", level="=offline", app=None)
    assert ended.status == 1
    assert {one.name for one in ended.findings} == {"not-an-integer", "unknown-name", "not-an-address"}


def test_a_host_check_does_not_import_the_application(run, tmp_path):
    write(tmp_path, conf_py="user = 'ghost'\n")
    ended = check(run, "-c", "conf.py", level="=host", app="no_such_module:app")
    assert [one.name for one in ended.findings] == ["no-such-user"]
    assert check(run, level="=host", app="no_such_module:app").status == 0


# formats


def test_a_json_report_stands_alone_on_standard_output(run, tmp_path):
    write(tmp_path, conf_py="print('hello')\nimport os\nos.write(1, b'raw')\nworkers = -1\n")
    ended = check(run, "-c", "conf.py", "--check-format=json")
    document = json.loads(ended.stdout)
    assert (ended.status, document["format_version"], document["valid"]) == (1, 1, False)
    (found,) = document["diagnostics"]
    assert (found["code"], found["origin"]["line"], found["source"]) == ("GCF202", 4, "workers = -1")
    assert "hello" in ended.stderr and "raw" in ended.stderr


def test_a_json_report_of_a_good_configuration_is_valid_and_empty(run):
    ended = check(run, "--check-format", "json")
    document = json.loads(ended.stdout)
    assert (ended.status, document["valid"], document["diagnostics"]) == (0, True, [])


def test_sarif_and_github_forms_name_file_and_line(run, tmp_path):
    write(tmp_path, conf_py="workers = -1\n")
    sarif = json.loads(check(run, "-c", "conf.py", "--check-format=sarif").stdout)
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("conf.py", 1)
    github = check(run, "-c", "conf.py", "--check-format=github").stdout
    assert re.match(r"::error file=conf\.py,line=1,.*title=GCF202::workers: ", github)


def test_github_actions_gets_its_form_unless_another_one_is_asked_for(run, tmp_path):
    write(tmp_path, conf_py="workers = -1\n")
    env = {"GITHUB_ACTIONS": "true"}
    assert check(run, "-c", "conf.py", env=env).stdout.startswith("::error file=conf.py")
    assert check(run, "-c", "conf.py", "--check-format=text", env=env).stdout == ""


def test_there_is_no_colour_where_there_is_no_terminal(run, tmp_path):
    write(tmp_path, conf_py="workers = -1\n")
    assert "\x1b" not in check(run, "-c", "conf.py").stderr


# severities


def test_strict_refuses_warnings_in_a_check_and_at_a_start(run, tmp_path):
    write(tmp_path, conf_py="treads = 4\n")
    assert check(run, "-c", "conf.py").status == 0
    assert check(run, "-c", "conf.py", "--strict").status == 1
    started = run("-c", "conf.py", "--strict", "hello:app")
    assert started.status == 1 and "(--strict)" in started.stderr


def test_a_warning_becomes_an_error_or_nothing_by_option_and_by_comment(run, tmp_path):
    write(tmp_path, conf_py="treads = 4\n", quiet_py="treads = 4  # gunicorn: ignore[GCF101]\n")
    assert check(run, "-c", "conf.py", "-W", "error=GCF101").status == 1
    assert check(run, "-c", "conf.py", "-W", "error").status == 1
    assert check(run, "-c", "conf.py", "-Wignore=unknown-name").findings == []
    assert check(run, "-c", "quiet.py", "--strict").status == 0


def test_a_value_that_is_refused_cannot_be_ignored(run, tmp_path):
    write(tmp_path, conf_py="workers = -1  # gunicorn: ignore\n")
    assert check(run, "-c", "conf.py").status == 1
    refused = check(run, "-c", "conf.py", "-W", "ignore=GCF202")
    assert refused.status == 2 and "errors cannot be ignored" in refused.stderr


# time


@pytest.mark.parametrize(
    "text, line",
    [
        ("workers = 1\nwhile True:\n    pass\n", (2, 3)),
        ("import time\n\ndef wait():\n    time.sleep(1000)\n\nwait()\n", (4,)),
        ("import threading\nthreading.Event().wait()\n", (2,)),
    ],
)
def test_a_configuration_that_hangs_is_ended_and_its_line_is_named(run, tmp_path, text, line):
    write(tmp_path, conf_py=text)
    ended = check(run, "-c", "conf.py", "--check-timeout=1")
    assert ended.status == 1
    (found,) = ended.findings
    assert found.name == "timed-out" and found.line in ["conf.py:%d" % number for number in line]


def test_an_application_that_hangs_is_ended_and_its_line_is_named(run, tmp_path):
    write(tmp_path, slow_py="import time\ntime.sleep(1000)\n")
    ended = check(run, "--pythonpath", str(tmp_path), "--check-timeout=1", "--check-format=json", app="slow:app")
    (found,) = json.loads(ended.stdout)["diagnostics"]
    assert found["name"] == "timed-out"
    assert found["origin"]["name"].endswith("slow.py") and found["origin"]["line"] == 2


def test_a_check_leaves_no_process_behind(run, tmp_path):
    write(tmp_path, conf_py="import os, signal\npid = os.fork()\nif pid == 0:\n    signal.pause()\nopen('pid', 'w').write(str(pid))\n")
    assert check(run, "-c", "conf.py").status == 0
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_a_check_that_dies_is_told(run, tmp_path):
    write(tmp_path, conf_py="import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    ended = check(run, "-c", "conf.py")
    assert (ended.status, [one.name for one in ended.findings]) == (1, ["check-died"])


def test_a_check_ends_with_its_parent(server, tmp_path):
    write(tmp_path, conf_py="import os, signal\nopen('pid', 'w').write(str(os.getpid()))\nsignal.pause()\n")
    parent = server.launch("--check-config", "-c", "conf.py", "hello:app", bind=None)
    wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "the file runs")
    child = int((tmp_path / "pid").read_text())
    assert child in children_of(parent.pid)
    os.kill(parent.pid, signal.SIGKILL)
    parent.process.wait(30)
    wait_until(lambda: not is_running(child), "the child ends")


# sources that operators layer


def shown(ended, setting):
    return re.search(r"^%s +(.*?)(?:  .*)?$" % setting, ended.stdout.replace("\n  ", "\n"), re.M)[1]


def printed(run, setting, *arguments, **options):
    ended = run("--print-config", *arguments, "hello:app", **options)
    assert ended.status == 0, ended
    return re.search(r"^%s += (.*)$" % setting, ended.stdout, re.M)[1]


def test_of_several_configuration_files_the_later_wins_and_the_others_still_count(run, tmp_path):
    write(tmp_path, base_py="workers = 2\ntimeout = 40\n", prod_py="workers = 8\n")
    both = ("-c", "base.py", "-c", "prod.py")
    assert (printed(run, "workers", *both), printed(run, "timeout", *both)) == ("8", "40")


def test_a_directory_of_configuration_files_is_read_in_lexical_order(run, tmp_path):
    write(tmp_path, conf__10_a_py="workers = 2\n", conf__20_b_py="workers = 3\n", conf__README="workers = 4\n")
    assert printed(run, "workers", "-c", "conf") == "3"


def test_an_included_file_runs_as_if_it_stood_there(run, tmp_path):
    write(
        tmp_path,
        etc__main_py="base = 2\ninclude('parts/*.py')\ntimeout = base + extra\nworkers = 9\n",
        etc__parts__a_py="extra = base * 10\nworkers = 5\nkeepalive = 7\n",
    )
    assert printed(run, "timeout", "-c", "etc/main.py") == "22"
    assert printed(run, "workers", "-c", "etc/main.py") == "9"
    ended = check(run, "-c", "etc/main.py")
    assert "etc/parts/a.py:3" in ended.stdout and "etc/main.py:4" in ended.stdout, ended
    assert ended.findings == []


def test_a_mistake_in_an_included_file_is_located_there(run, tmp_path):
    write(tmp_path, main_py="include('part.py')\n", part_py="\nworkers = -1\n", broken_py="include('syntax.py')\n", syntax_py="x = = 1\n")
    assert check(run, "-c", "main.py").diagnostics == [("part.py:2", "workers", "negative-integer")]
    assert check(run, "-c", "broken.py").diagnostics == [("syntax.py:1", "config", "bad-syntax")]


def test_an_include_that_names_nothing_is_located(run, tmp_path):
    write(tmp_path, conf_py="\ninclude('nothing.py')\n", loop_py="include('loop.py')\n", none_py="include('none/*.py')\n")
    assert check(run, "-c", "conf.py").diagnostics == [("conf.py:2", "config", "config-raised")]
    assert check(run, "-c", "loop.py").diagnostics == [("loop.py:1", "config", "config-raised")]
    assert check(run, "-c", "none.py").status == 0


def test_variables_of_a_file_are_there_for_the_configuration_and_for_gunicorn_itself(run, tmp_path):
    write(
        tmp_path,
        prod_env="WEB_CONCURRENCY=6\nexport NAME='from the file'\nGUNICORN_CMD_ARGS=--timeout=77\n",
        conf_py="import os\nproc_name = os.environ['NAME']\n",
    )
    arguments = ("--env-file", "prod.env", "-c", "conf.py")
    assert printed(run, "workers", *arguments) == "6"
    assert printed(run, "proc_name", *arguments) == "from the file"
    assert printed(run, "timeout", *arguments) == "77"
    assert printed(run, "proc_name", *arguments, env={"NAME": "from outside"}) == "from outside"


def test_a_broken_environment_file_is_located(run, tmp_path):
    write(tmp_path, prod_env="A=1\nthis is nothing\n")
    assert check(run, "--env-file=prod.env").diagnostics == [("prod.env:2", None, "bad-syntax")]
    assert check(run, "--env-file=none.env").diagnostics == [("none.env", None, "unreadable-file")]


def test_a_value_names_the_variables_that_were_read_for_it(run, tmp_path):
    write(
        tmp_path,
        conf_py="import os\ndef ask(name, default):\n    return os.environ.get(name, default)\n"
        "workers = int(ask('SHOP_WORKERS', '3'))\nbind = [\n    '127.0.0.1:' + os.getenv('SHOP_PORT', '1'),\n]\ntimeout = 30\n",
    )
    page = check(run, "-c", "conf.py").stdout
    assert re.search(r"^  workers +3 +conf\.py:4\S* <- \$SHOP_WORKERS$", page, re.M), page
    assert re.search(r"^  timeout +30 +conf\.py:8\S*$", page, re.M), page
    write(tmp_path, conf_py="import os\nworkers = int(os.environ['SHOP_WORKERS'])\n")
    (found,) = check(run, "-c", "conf.py", env={"SHOP_WORKERS": "-2"}).findings
    assert "(from $SHOP_WORKERS)" in found.place


def test_the_page_of_a_good_configuration_says_what_would_run(run, tmp_path):
    write(tmp_path, conf_py="bind = '127.0.0.1:8123'\nworkers = 3\nthreads = 2\ndef post_fork(server, worker):\n    pass\n")
    page = check(run, "-c", "conf.py").stdout
    assert "listens on    http://127.0.0.1:8123" in page
    assert "1 master, 3 workers (gthread) of 2 threads" in page
    assert re.search(r"^hooks +post_fork \(conf\.py:4", page, re.M)
    assert re.search(r"^  workers +3 +conf\.py:2", page, re.M)


def test_an_option_that_is_given_twice_is_told(run):
    ended = check(run, "-w", "3", "-w", "2")
    assert (ended.status, ended.diagnostics) == (0, [("command line", "workers", "defined-twice")])


def test_secrets_are_shown_only_when_asked_for(run, tmp_path):
    write(tmp_path, conf_py="raw_env = ['SECRET_KEY=hunter2']\nworkers = 'password=hunter2'\n")
    ended = check(run, "-c", "conf.py")
    assert ended.status == 1 and "hunter2" not in ended.stdout + ended.stderr
    assert "hunter2" in check(run, "-c", "conf.py", "--show-secrets").stderr


def test_a_file_that_is_named_where_nothing_reads_it_is_told(run, tmp_path):
    write(tmp_path, conf_py="config = 'other.py'\n")
    assert check(run, "-c", "conf.py").diagnostics == [("conf.py:1", "config", "late-setting")]
    ended = check(run, env={"GUNICORN_SETTING_CONFIG": "other.py"})
    assert ended.diagnostics == [("environment variable GUNICORN_SETTING_CONFIG", "config", "late-setting")]


@pytest.mark.parametrize("form, option", [("python", "-c"), ("ini", "--paste")])
def test_what_is_printed_loads_back_to_the_same_values(run, tmp_path, form, option):
    write(
        tmp_path,
        conf_py="bind = ['127.0.0.1:8001', 'unix:x.sock']\nworkers = 3\nproc_name = \"it's 100 % \\\\ ä\"\n"
        "preload_app = True\numask = 0o22\nforwarded_allow_ips = '10.0.0.1,10.0.0.2'\naccess_log_format = '%(h)s %%'\n",
    )
    changed = run("-c", "conf.py", "--print-config=%s" % form, "--changed", "hello:app")
    assert changed.status == 0, changed
    (tmp_path / ("back." + form)).write_text(changed.stdout)
    first = json.loads(run("-c", "conf.py", "--print-config=json", "hello:app").stdout)["settings"]
    second = json.loads(run(option, "back." + form, "--print-config=json", "hello:app").stdout)["settings"]
    same = {"config", "paste", "default_proc_name", "print_config"}
    assert {name: one["value"] for name, one in first.items() if name not in same} == {
        name: one["value"] for name, one in second.items() if name not in same
    }


# another host


def test_a_simulated_host_answers_instead_of_this_one(run, tmp_path):
    write(
        tmp_path,
        web1_env="WEB_CONCURRENCY=3\nSHOP=red\n",
        conf_py="import multiprocessing, os, socket, platform\n"
        "threads = multiprocessing.cpu_count() + len(os.sched_getaffinity(0))\n"
        "proc_name = '-'.join([socket.gethostname(), platform.node(), os.environ.get('SHOP', '?'), os.environ.get('LEAK', '?')])\n"
        "backlog = os.getuid()\n"
        "user = 'nobody-here'\n",
    )
    facts = ("-c", "conf.py", "--simulate", "cpus=24,user=4321,hostname=web1,env=web1.env")
    env = {"LEAK": "ours", "WEB_CONCURRENCY": "9"}
    values = {name: printed(run, name, *facts, env=env) for name in ("threads", "proc_name", "backlog", "workers")}
    assert values == {"threads": "48", "proc_name": "web1-web1-red-?", "backlog": "4321", "workers": "3"}


def test_a_server_cannot_run_as_another_host(run):
    ended = run("--simulate", "cpus=4", "hello:app")
    assert ended.status == 2 and "needs --check-config" in ended.stderr
    assert run("--check-config", "--simulate", "cpu=4", "hello:app").status == 2


# a check among other processes, and what it must not touch


def test_processes_that_were_there_before_survive_a_check(run, tmp_path):
    write(tmp_path, start="sleep 300 & echo $! > side.pid\nexec \"$@\"\n")
    ended = run(command=["/bin/sh", "start", str(BINARY), "--check-config", "-b", "127.0.0.1:0", "hello:app"])
    side = int((tmp_path / "side.pid").read_text())
    try:
        assert ended.status == 0 and is_running(side)
    finally:
        os.kill(side, signal.SIGKILL)


def test_a_check_makes_no_log_and_no_logger_and_keeps_its_name(run, tmp_path):
    write(
        tmp_path,
        logs_py="import gunicorn.glogging\nclass L(gunicorn.glogging.Logger):\n"
        "    def setup(self, cfg):\n        open('made-by-setup', 'w')\n",
        conf_py="errorlog = 'error.log'\naccesslog = 'access.log'\nlogger_class = 'logs.L'\n",
        app_py="def app(environ, start_response):\n    pass\ntitle = open('/proc/self/cmdline').read()\nassert 'master' not in title, title\n",
    )
    assert check(run, "-c", "conf.py", app="app:app").status == 0
    assert not {path.name for path in tmp_path.iterdir()} & {"error.log", "access.log", "made-by-setup"}


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_a_check_and_all_that_it_started(server, tmp_path, signo):
    write(
        tmp_path,
        conf_py="import os, subprocess, signal\nchild = subprocess.Popen(['sleep', '300'])\n"
        "open('pids', 'w').write('%d %d\\n' % (os.getpid(), child.pid))\nsignal.pause()\n",
    )
    parent = server.launch("--check-config", "-c", "conf.py", "hello:app", bind=None)
    pids = wait_until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text().endswith("\n") and (tmp_path / "pids").read_text(), "the file runs")
    os.kill(parent.pid, signo)
    assert parent.wait() == -signo
    for pid in map(int, pids.split()):
        wait_until(lambda: not is_running(pid), "%d ends" % pid)


def test_a_configuration_that_closes_every_descriptor_still_gets_its_report(run, tmp_path):
    write(tmp_path, conf_py="import os\nos.closerange(0, 65000)\nworkers = 'abc'\n")
    assert check(run, "-c", "conf.py").diagnostics == [("conf.py:3", "workers", "not-an-integer")]
    document = json.loads(check(run, "-c", "conf.py", "--check-format=json").stdout)
    assert document["errors"] == 1


def test_an_exit_that_hangs_does_not_change_what_was_found(run, tmp_path):
    write(tmp_path, conf_py="import atexit, time\natexit.register(time.sleep, 1000)\n")
    ended = check(run, "-c", "conf.py", "--check-timeout=2", "--check-format=json")
    assert (ended.status, json.loads(ended.stdout)["valid"]) == (0, True)


def test_a_report_that_cannot_be_written_is_a_failure(run, tmp_path):
    write(tmp_path, start='exec "$@" > /dev/full\n')
    assert run(command=["/bin/sh", "start", str(BINARY), "--print-config", "hello:app"]).status == 1


def test_an_empty_pid_file_means_none(run, tmp_path):
    write(tmp_path, conf_py="import os\npidfile = os.getenv('PIDFILE', '')\n")
    ended = check(run, "-c", "conf.py")
    assert (ended.status, ended.findings) == (0, [])


def test_files_of_the_project_do_not_become_part_of_the_server(run, tmp_path):
    for name in ("re", "token", "inspect", "logging", "types", "string", "operator", "signal", "tokenize", "traceback"):
        (tmp_path / (name + ".py")).write_text("my_own = 1\n")
    write(tmp_path, plain_py="def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'x']\n")
    ended = check(run, "-b", "127.0.0.1:0", app="plain:app")
    assert (ended.status, ended.findings) == (0, []), ended


def test_classes_are_found_where_the_settings_say(server, tmp_path):
    write(tmp_path, sub__mylog_py="import gunicorn.glogging\nclass L(gunicorn.glogging.Logger):\n    pass\n", conf_py="logger_class = 'mylog.L'\npythonpath = 'sub'\n")
    server("-c", "conf.py", "hello:app")


def test_a_file_that_asks_for_the_check_itself_runs_once(run, tmp_path):
    write(tmp_path, conf_py="check_config = True\nopen('runs', 'a').write('x')\n")
    assert run("-c", "conf.py", "hello:app").status == 0
    assert (tmp_path / "runs").read_text() == "x"


def test_a_list_whose_iteration_raises_is_read_all_the_same(run, tmp_path):
    write(tmp_path, conf_py="class Lazy(list):\n    def __iter__(self):\n        raise RuntimeError('no')\nbind = Lazy(['127.0.0.1:0'])\n")
    assert check(run, "-c", "conf.py").status == 0


@pytest.mark.parametrize("value", ["2 ** 40", "'99999999999'", "2 ** 32 - 1"])
def test_a_user_beyond_those_of_the_system_is_refused(run, tmp_path, value):
    write(tmp_path, conf_py="user = %s\n" % value)
    assert check(run, "-c", "conf.py", level="=offline").diagnostics == [("conf.py:1", "user", "out-of-range")]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_the_application_is_imported_as_the_user_of_the_workers(run, tmp_path):
    write(tmp_path, secret_py="from hello import app\n")
    (tmp_path / "secret.py").chmod(0o600)
    for folder in [tmp_path, *tmp_path.parents][:3]:
        folder.chmod(0o755)
    ended = check(run, "--user", "nobody", "--group", "nogroup", "--pythonpath", str(tmp_path), app="secret:app")
    assert ended.status == 1 and "Permission denied" in ended.stderr, ended


def test_a_long_loop_in_a_file_is_not_watched_to_its_end_but_values_have_their_lines(run, tmp_path):
    write(tmp_path, conf_py="n = 0\nwhile n < 60000:\n    n += 1\nworkers = 2\n")
    assert re.search(r"^  workers +2 +conf\.py:4", check(run, "-c", "conf.py").stdout, re.M)


def test_a_command_that_needs_another_one_is_refused_without_it(run):
    ended = run("--changed", "--check-config", "hello:app")
    assert (ended.status, "argument --changed: needs --print-config" in ended.stderr) == (2, True), ended
    assert run("--changed", "hello:app", env={"GUNICORN_CMD_ARGS": "--print-config"}).status == 0


def test_a_wrong_option_in_the_variable_is_told_as_the_variables(run):
    ended = run("--check-config", "hello:app", env={"GUNICORN_CMD_ARGS": "-W error=GCF999"})
    assert (ended.status, "(in GUNICORN_CMD_ARGS)" in ended.stderr) == (2, True), ended


def test_a_report_that_cannot_be_written_is_told(tmp_path):
    with open("/dev/full", "w") as full:
        ended = subprocess.run([str(BINARY), "--print-config", "hello:app"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE,
                               text=True, timeout=60)
    assert (ended.returncode, "the report could not be written: write: No space left on device" in ended.stderr) == (
        1, True), ended


def test_a_simulated_user_whom_this_host_does_not_have_is_a_note(run):
    ended = run("--check-config", "--simulate", "user=nobody-here", "hello:app")
    assert [(one.severity, one.name) for one in ended.findings] == [("note", "no-such-user")], ended
    assert ended.status == 0


def test_an_empty_bind_listens_nowhere_and_is_told(run, tmp_path):
    (tmp_path / "conf.py").write_text('bind = ""\n')
    ended = check(run, "-c", "conf.py")
    assert [(one.severity, one.name) for one in ended.findings] == [("warning", "no-address")], ended


def test_an_offline_check_shows_the_names_of_accounts_that_it_did_not_look_up(run, tmp_path):
    (tmp_path / "conf.py").write_text("user = 'ghost'\ngroup = '33'\n")
    page = check(run, "-c", "conf.py", level="=offline").stdout
    assert re.search(r"^  user +'ghost'", page, re.M) and "runs as       ghost:" in page, page
    assert printed(run, "user", "--simulate", "cpus=4", "-c", "conf.py") == "ghost"
