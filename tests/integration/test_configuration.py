"""Sources of settings: where they are found, which one wins, what is wrong with them and where."""

import re

import pytest

from raw_http import get
from test_command_line import shown


def config(tmp_path, text, name="conf.py"):
    path = tmp_path / name
    if isinstance(text, bytes):
        path.write_bytes(text)
    else:
        path.write_text(text)
    return name


# the order: INI < config file < GUNICORN_CMD_ARGS < command line, one setting of every type


HOOKS = "def first(server): pass\ndef second(server): pass\ndef third(server): pass\n"
ORDER = [
    # type, setting, in the INI, in the file, in GUNICORN_CMD_ARGS, on the command line; a pair is what is written and shown
    ("integer", "timeout", ("0x10", "16"), ("17", "17"), ("-t 18", "18"), (["--timeout=19"], "19")),
    ("integer, auto_int", "umask", ("0o22", "18"), ("0o23", "19"), ("-m 024", "20"), (["--umask", "0x15"], "21")),
    ("boolean", "preload_app", ("true", "True"), ("False", "False"), ("--preload", "True"), None),
    ("boolean, off by a flag", "sendfile", ("TRUE", "True"), ("None", "None"), None, (["--no-sendfile"], "False")),
    (
        "text",
        "proc_name",
        ("from the ini", "from the ini"),
        ("'from the file'", "from the file"),
        ("-n env", "env"),
        (["--name", "cli"], "cli"),
    ),
    (
        "text or None",
        "pidfile",
        ("/tmp/ini.pid", "/tmp/ini.pid"),
        ("None", "None"),
        ("-p /tmp/env.pid", "/tmp/env.pid"),
        (["--pid=/tmp/cli.pid"], "/tmp/cli.pid"),
    ),
    (
        "choice",
        "header_map",
        ("refuse", "refuse"),
        ("'DROP'", "drop"),
        ("--header-map refuse", "refuse"),
        (["--header-map", "dangerous"], "dangerous"),
    ),
    (
        "list",
        "bind",
        ("127.0.0.1:1, 127.0.0.1:2", "['127.0.0.1:1', '127.0.0.1:2']"),
        ("'127.0.0.1:3'", "['127.0.0.1:3']"),
        ("-b 127.0.0.1:4 -b 127.0.0.1:5", "['127.0.0.1:4', '127.0.0.1:5']"),
        (["-b", "127.0.0.1:6"], "['127.0.0.1:6']"),
    ),
    (
        "list with commas",
        "forwarded_allow_ips",
        ("10.0.0.1, 10.0.0.2", "['10.0.0.1', '10.0.0.2']"),
        ("'10.0.0.3'", "['10.0.0.3']"),
        ("--forwarded-allow-ips=*", "['*']"),
        (["--forwarded-allow-ips", "10.0.0.0/8"], "['10.0.0.0/8']"),
    ),
    ("class", "worker_class", ("gthread", "gthread"), ("'sync'", "sync"), ("-k gthread", "gthread"), (["-k", "sync"], "sync")),
    ("dictionary", "secure_scheme_headers", None, ("{'X-A': '1'}", "{'X-A': '1'}"), None, None),
    ("hook", "on_exit", ("order_hooks.first", "first()>"), ("order_hooks.second", "second()>"), None, None),
    ("anything", "ssl_version", ("2", "2"), ("3", "3"), ("--ssl-version 4", "4"), (["--ssl-version", "5"], "5")),
    ("default of the environment", "workers", ("3", "3"), ("4", "4"), ("-w 5", "5"), (["-w6"], "6")),
]


@pytest.mark.parametrize("kind, setting, ini, file, env, cli", ORDER, ids=[row[0].replace(" ", "_") for row in ORDER])
def test_a_stronger_source_replaces_a_weaker_one_for_a_setting_of_type(run, tmp_path, kind, setting, ini, file, env, cli):
    (tmp_path / "order_hooks.py").write_text(HOOKS)
    arguments, variables, expected = [], {"WEB_CONCURRENCY": "2"}, None
    if setting == "workers":
        assert shown(run("--print-config", "hello:app", env=variables), "workers") == "2"
    for source, given in (("ini", ini), ("file", file), ("env", env), ("cli", cli)):
        if given is None:
            continue
        written, expected = given
        if source == "ini":
            arguments += ["--paste", config(tmp_path, "[server:main]\n%s = %s\n" % (setting, written), "p.ini")]
        elif source == "file":
            arguments += ["-c", config(tmp_path, "import order_hooks\n%s = %s\n" % (setting, written))]
        elif source == "env":
            variables["GUNICORN_CMD_ARGS"] = written
        else:
            arguments += written
        value = shown(run(*arguments, "--print-config", "hello:app", env=variables), setting)
        assert value == expected or (setting == "on_exit" and value.endswith(expected)), source
    assert expected is not None


def test_print_config_shows_every_setting_sorted_and_aligned(run):
    ended = run("--print-config", "hello:app")
    names = [line[: line.index(" = ")] for line in ended.stdout.splitlines()]
    assert [name.strip() for name in names] == sorted(name.strip() for name in names)
    assert len(names) >= 120 and len({len(name) for name in names}) == 1
    assert shown(ended, "on_starting") == "<OnStarting.on_starting()>"
    assert shown(ended, "bind") == "['127.0.0.1:8000']"
    assert shown(ended, "config") == "./gunicorn.conf.py"


def test_print_config_loads_the_application_too(run):
    ended = run("--print-config", "raises_at_import:app")
    assert ended.status == 1
    assert "workers" in ended.stdout and "error[GCF602]" in ended.stderr


def test_print_config_does_not_print_secrets(run):
    ended = run("--print-config", "-e", "PASSWORD=very-secret", "hello:app")
    assert ended.status == 0 and "very-secret" not in ended.stdout + ended.stderr


# mistakes


def test_three_mistakes_in_three_sources_are_three_located_messages(run, tmp_path):
    config(tmp_path, "# a comment\n\nworkers = -1\n")
    ended = run("-c", "conf.py", "--keep-alive", "-2", "hello:app", env={"GUNICORN_CMD_ARGS": "--backlog -3"})
    assert ended.status == 1
    assert ended.diagnostics == [
        ("command line", "keepalive", "negative-integer"),
        ("GUNICORN_CMD_ARGS", "backlog", "negative-integer"),
        ("conf.py:3", "workers", "negative-integer"),
    ]
    for value in ("-1", "-2", "-3"):
        assert "not %s\n" % value in ended.stderr
    assert "Traceback" not in ended.stderr and ended.stdout == ""


def test_mistakes_in_five_sources_are_reported_together(run, tmp_path):
    config(tmp_path, "[server:main]\nuse = egg:gunicorn\nthreads = many\n", "p.ini")
    config(tmp_path, "timeout = 'x'\nbacklog = 1.5\n")
    ended = run(
        "--paste", "p.ini", "-c", "conf.py", "--keep-alive", "-2", "hello:app",
        env={"GUNICORN_CMD_ARGS": "--max-requests -3", "WEB_CONCURRENCY": "lots"},
    )  # fmt: skip
    assert ended.status == 1
    assert sorted(ended.diagnostics) == sorted(
        [
            ("command line", "keepalive", "negative-integer"),
            ("GUNICORN_CMD_ARGS", "max_requests", "negative-integer"),
            ("environment variable WEB_CONCURRENCY", "workers", "not-an-integer"),
            ("conf.py:1", "timeout", "not-an-integer"),
            ("conf.py:2", "backlog", "not-an-integer"),
            ("p.ini:3", "threads", "not-an-integer"),
        ]
    )


MISTAKES = [
    ("workers", "-1", "negative-integer"),
    ("workers", "'abc'", "not-an-integer"),
    ("workers", "None", "not-an-integer"),
    ("workers", "1.5", "not-an-integer"),
    ("preload_app", "'yes'", "not-a-boolean"),
    ("preload_app", "1", "not-a-boolean"),
    ("proc_name", "5", "not-a-string"),
    ("proc_name", "b'bytes'", "not-a-string"),
    ("bind", "8000", "not-a-list"),
    ("bind", "'127.0.0.1:abc'", "not-an-address"),
    ("bind", "'[::1'", "not-an-address"),
    ("bind", "'127.0.0.1:99999'", "not-an-address"),
    ("raw_env", "['NO_EQUALS']", "bad-environment-entry"),
    ("secure_scheme_headers", "'x'", "not-a-dictionary"),
    ("secure_scheme_headers", "None", "not-a-dictionary"),
    ("forwarded_allow_ips", "'localhost'", "not-a-network"),
    ("forwarded_allow_ips", "'10.0.0.1/8'", "not-a-network"),
    ("forwarded_allow_ips", "['10.0.0.1']", "not-a-string"),
    ("header_map", "'merge'", "not-a-choice"),
    ("user", "'no-such-user-here'", "no-such-user"),
    ("group", "'no-such-group-here'", "no-such-group"),
    ("chdir", "'/nonexistent'", "no-such-directory"),
    ("on_exit", "5", "not-callable"),
    ("on_exit", "None", "not-callable"),
    ("on_exit", "'no_such_module.f'", "no-such-object"),
    ("on_exit", "'os.no_such_name'", "no-such-object"),
    ("on_exit", "'nodots'", "no-such-object"),
    ("on_exit", "lambda: None", "wrong-arity"),
    ("on_exit", "lambda server, more: None", "wrong-arity"),
    ("worker_class", "'gthraed'", "unknown-class"),
    ("worker_class", "'gevent'", "not-supported-yet"),
    ("logger_class", "'no_such_module.Logger'", "unknown-class"),
    ("http_protocols", "'h2,h1'", "not-supported-yet"),
    ("proxy_protocol", "'v3'", "not-a-choice"),
    ("proxy_allow_ips", "'10.0.0.1/8'", "not-a-network"),
    ("access_log_format", "5", "not-a-string"),
]


@pytest.mark.parametrize("setting, value, identifier", MISTAKES)
def test_a_mistake_in_the_config_file_is_located_and_exit_1(run, tmp_path, setting, value, identifier):
    config(tmp_path, "# the line below is wrong\n%s = %s\n" % (setting, value))
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert ended.status == 1, ended
    assert ended.diagnostics == [("conf.py:2", setting, identifier)], ended
    assert "Traceback" not in ended.stderr


def test_a_start_finds_the_same_mistakes_as_a_check(run, tmp_path):
    once = {setting: (value, identifier) for setting, value, identifier in MISTAKES}
    config(tmp_path, "".join("%s = %s\n" % (setting, value) for setting, (value, _) in once.items()))
    for check in ((), ("--check-config",)):
        ended = run("-c", "conf.py", *check, "hello:app")
        assert ended.status == 1, ended
        assert ended.diagnostics == [
            ("conf.py:%d" % line, setting, identifier) for line, (setting, (_, identifier)) in enumerate(once.items(), 1)
        ]


def test_a_mistake_names_the_line_of_the_assignment_that_counts(run, tmp_path):
    config(tmp_path, "workers = -1\nworkers = 2\n\nif True:\n    for n in range(3):\n        workers = -n\ntimeout = 5\n")
    assert run("-c", "conf.py", "hello:app").diagnostics == [("conf.py:6", "workers", "negative-integer")]


def test_a_mistake_in_a_value_that_is_replaced_is_reported_too(run, tmp_path):
    config(tmp_path, "workers = -1\n")
    ended = run("-c", "conf.py", "-w", "2", "hello:app")
    assert ended.status == 1 and ended.diagnostics == [("conf.py:1", "workers", "negative-integer")]


def test_an_unknown_worker_class_gets_a_suggestion(run):
    ended = run("-k", "gthraed", "hello:app")
    assert ended.status == 1
    assert ended.diagnostics == [("command line", "worker_class", "unknown-class")]
    assert "'gthraed'" in ended.stderr and "'gthread'" in ended.stderr


def test_what_asks_for_a_feature_that_is_not_built_says_so(run):
    ended = run("--http-protocols", "h2", "-k", "tornado", "hello:app")
    assert ended.status == 1
    assert sorted(ended.diagnostics) == [
        ("command line", "http_protocols", "not-supported-yet"),
        ("command line", "worker_class", "not-supported-yet"),
    ]


INERT = """
certfile = None
keyfile = ""
ciphers = None
http_protocols = "h1"
http2_max_frame_size = 16384
http_parser = "fast"
proxy_protocol = "off"
proxy_allow_ips = "*"
worker_tmp_dir = "/dev/shm"
statsd_host = None
statsd_prefix = "x"
dogstatsd_tags = ""
syslog = False
syslog_facility = "local0"
daemon = False
control_socket_disable = True
asgi_loop = "uvloop"
dirty_apps = []
dirty_workers = 0
capture_output = False
logconfig = None
logconfig_dict = {}
raw_paste_global_conf = []
django_settings = None
root_path = ""
reuse_port = False
spew = False
"""


def test_values_that_ask_for_what_happens_anyway_pass(run, tmp_path):
    config(tmp_path, INERT)
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert ended.status == 0, ended


def test_a_loglevel_that_gunicorn_starts_with_is_no_error(run):
    assert run("--log-level", "verbose", "--check-config", "hello:app").status == 0


# the config file


def test_a_missing_config_file_is_exit_1(run):
    for arguments in (["-c", "missing.py"], ["-c", "file:missing.py"]):
        ended = run(*arguments, "hello:app")
        assert ended.status == 1
        assert "missing.py' doesn't exist" in ended.stderr
        assert ended.diagnostics == [("command line", "config", "no-config-file")]


def test_a_missing_config_file_of_the_variable_is_located_there(run):
    ended = run("hello:app", env={"GUNICORN_CMD_ARGS": "-c missing.py"})
    assert (ended.status, ended.diagnostics) == (1, [("GUNICORN_CMD_ARGS", "config", "no-config-file")])


def test_a_syntax_error_in_the_config_file_is_located(run, tmp_path):
    config(tmp_path, "workers = 2\n\nworkers = = 3\n")
    ended = run("-c", "conf.py", "hello:app")
    assert ended.status == 1
    assert ("conf.py:3", "config", "bad-syntax") in ended.diagnostics, ended


def test_a_config_file_that_raises_is_located_and_shows_its_traceback(run, tmp_path):
    config(tmp_path, "import os\n\ndef read():\n    return os.environ['NOT_SET']\n\nworkers = read()\n")
    ended = run("-c", "conf.py", "hello:app")
    assert ended.status == 1
    assert ("conf.py:4", "config", "config-raised") in ended.diagnostics, ended
    assert "KeyError: 'NOT_SET'" in ended.stderr and "line 6" in ended.stderr
    assert "the environment variable NOT_SET is not set" in ended.stderr


@pytest.mark.parametrize("argument, status", [("7", 7), ("0", 0), ("None", 0), ("'a reason'", 1)])
def test_sys_exit_in_the_config_file_is_the_exit_status(run, tmp_path, argument, status):
    config(tmp_path, "import sys\nsys.exit(%s)\n" % argument)
    ended = run("-c", "conf.py", "hello:app")
    assert ended.status == status, ended
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("argument", ["7", "0", "None", "'a reason'"])
def test_sys_exit_in_the_config_file_is_an_error_for_a_check(run, tmp_path, argument):
    config(tmp_path, "import sys\nsys.exit(%s)\n" % argument)
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert (ended.status, ended.diagnostics) == (1, [("conf.py:2", "config", "config-exited")])


def test_the_reason_of_sys_exit_in_the_config_file_is_shown(run, tmp_path):
    config(tmp_path, "import sys\nsys.exit('set DATABASE_URL first')\n")
    assert "set DATABASE_URL first" in run("-c", "conf.py", "hello:app").stderr


def test_a_config_that_is_a_folder_without_files_is_exit_1(run, tmp_path):
    (tmp_path / "folder.py").mkdir()
    ended = run("-c", "folder.py", "hello:app")
    assert (ended.status, ended.diagnostics) == (1, [("command line", "config", "no-config-file")])


def test_a_config_that_cannot_be_read_is_exit_1(run):
    ended = run("-c", "/proc/self/mem", "hello:app")  # reading its beginning fails for root as well
    assert (ended.status, ended.diagnostics) == (1, [("command line", "config", "unreadable-file")])


def test_a_config_that_is_not_utf_8_is_located(run, tmp_path):
    config(tmp_path, b"workers = 2\nproc_name = 'J\xfcrgen'\n")
    ended = run("-c", "conf.py", "hello:app")
    assert ended.status == 1
    assert [d for d in ended.diagnostics if d[0].startswith("conf.py:") and d[2] == "bad-syntax"], ended


def test_a_config_may_declare_its_encoding(run, tmp_path):
    config(tmp_path, b"# coding: latin-1\nproc_name = 'J\xfcrgen'\n")
    assert shown(run("-c", "conf.py", "--print-config", "hello:app"), "proc_name") == "J\u00fcrgen"


def test_a_config_with_a_bom_and_dos_lines_is_read(run, tmp_path):
    config(tmp_path, b"\xef\xbb\xbfworkers = 3\r\ntimeout = 5\r\n")
    assert shown(run("-c", "conf.py", "--print-config", "hello:app"), "workers") == "3"


def test_an_empty_config_is_fine(run, tmp_path):
    config(tmp_path, "")
    assert run("-c", "conf.py", "--check-config", "hello:app").status == 0


def test_a_config_with_another_extension_is_python_too(run, tmp_path):
    config(tmp_path, "workers = 3\n", "settings.conf")
    assert shown(run("-c", "settings.conf", "--print-config", "hello:app"), "workers") == "3"


def test_the_config_sees_file_and_name_and_prints(run, tmp_path):
    config(tmp_path, "import sys\nprint('seen', __name__, __file__, sys.modules['__config__'].__name__)\n")
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert re.search(r"^seen __config__ \S*conf\.py __config__$", ended.stderr, re.M), ended
    assert "seen" not in ended.stdout  # a report is not disturbed by what a file prints


def test_the_config_may_import_what_lies_beside_it(run, tmp_path):
    config(tmp_path, "COUNT = 5\n", "neighbour.py")
    config(tmp_path, "from neighbour import COUNT\nworkers = COUNT\n")
    assert shown(run("-c", "conf.py", "--print-config", "hello:app"), "workers") == "5"


def test_the_config_may_import_gunicorn(run, tmp_path):
    config(
        tmp_path,
        "import gunicorn\nfrom gunicorn import glogging, util\nfrom gunicorn.app.base import BaseApplication\n"
        "from gunicorn.workers.base import Worker\nproc_name = gunicorn.SERVER_SOFTWARE + gunicorn.__version__\n",
    )
    assert shown(run("-c", "conf.py", "--print-config", "hello:app"), "proc_name").startswith("gunicorn/")


def test_gunicorn_conf_py_is_found_by_itself(run, tmp_path):
    config(tmp_path, "workers = 3\n", "gunicorn.conf.py")
    assert shown(run("--print-config", "hello:app"), "workers") == "3"


def test_a_named_config_file_is_read_instead_of_gunicorn_conf_py(run, tmp_path):
    config(tmp_path, "workers = 3\ntimeout = 99\n", "gunicorn.conf.py")
    config(tmp_path, "workers = 4\n")
    ended = run("-c", "conf.py", "--print-config", "hello:app")
    assert (shown(ended, "workers"), shown(ended, "timeout")) == ("4", "30")


def test_a_mistake_in_gunicorn_conf_py_is_located(run, tmp_path):
    config(tmp_path, "workers = -1\n", "gunicorn.conf.py")
    assert run("hello:app").diagnostics == [("gunicorn.conf.py:1", "workers", "negative-integer")]


def test_a_module_may_be_the_config(run, tmp_path):
    (tmp_path / "package").mkdir()
    config(tmp_path, "", "package/__init__.py")
    config(tmp_path, "workers = 3\ntimeout = 8\n", "package/settings.py")
    ended = run("-c", "python:package.settings", "--print-config", "hello:app")
    assert (shown(ended, "workers"), shown(ended, "timeout")) == ("3", "8")


def test_a_mistake_in_a_module_is_located_there(run, tmp_path):
    config(tmp_path, "workers = -1\n", "module_config.py")
    ended = run("-c", "python:module_config", "hello:app")
    assert ended.status == 1
    ((place, setting, identifier),) = ended.diagnostics
    assert "module_config" in place and (setting, identifier) == ("workers", "negative-integer")


def test_a_module_that_does_not_exist_is_exit_1(run):
    ended = run("-c", "python:no_such_config", "hello:app")
    assert ended.status == 1
    assert "No module named 'no_such_config'" in ended.stderr


@pytest.mark.parametrize("form", ["path", "file:"])
def test_the_config_may_be_named_by_path_and_by_file(run, tmp_path, form):
    (tmp_path / "deep").mkdir()
    config(tmp_path, "workers = 3\n", "deep/c.py")
    path = str(tmp_path / "deep" / "c.py")
    ended = run("-c", path if form == "path" else "file:" + path, "--print-config", "hello:app")
    assert shown(ended, "workers") == "3"


def test_a_config_named_gunicorn_py_does_not_shadow_the_package(server, tmp_path):
    config(tmp_path, "workers = 1\nimport gunicorn.glogging\ntimeout = 77\n", "gunicorn.py")
    running = server("-c", "gunicorn.py", "hello:app")
    assert get(running.address).status == 200


def test_names_that_the_config_needs_for_itself_are_fine(run, tmp_path):
    config(tmp_path, "import os\nhelper = 5\n_private = 1\ndef half(n): return n // 2\nworkers = half(helper)\n")
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert (ended.status, ended.diagnostics) == (0, [])


def test_a_config_is_read_where_the_server_was_started_not_at_chdir(run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    config(tmp_path, "workers = 3\nchdir = 'elsewhere'\n")
    ended = run("-c", "conf.py", "--print-config", "hello:app")
    assert shown(ended, "workers") == "3"
    assert shown(ended, "chdir") == str(tmp_path / "elsewhere")


def test_wsgi_app_names_the_application(server, tmp_path):
    config(tmp_path, "wsgi_app = 'hello:app'\n")
    assert get(server("-c", "conf.py").address).body == b"hello\n"


def test_the_command_line_names_another_application_than_wsgi_app(server, tmp_path):
    config(tmp_path, "wsgi_app = 'no_such:app'\n")
    assert get(server("-c", "conf.py", "hello:app").address).body == b"hello\n"


def test_no_files_are_written_beside_the_config(run, tmp_path):
    config(tmp_path, "workers = 3\n")
    before = sorted(tmp_path.iterdir())
    run("-c", "conf.py", "--check-config", "hello:app", env={"PYTHONDONTWRITEBYTECODE": None})
    assert [path.name for path in sorted(tmp_path.iterdir()) if path not in before and not path.name.startswith("run")] == []


# defaults of the environment


def test_web_concurrency_is_the_default_of_workers(run, tmp_path):
    assert shown(run("--print-config", "hello:app", env={"WEB_CONCURRENCY": "5"}), "workers") == "5"
    config(tmp_path, "workers = 3\n")
    ended = run("-c", "conf.py", "--print-config", "hello:app", env={"WEB_CONCURRENCY": "5"})
    assert shown(ended, "workers") == "3"


def test_port_is_the_default_of_bind(run):
    variables = {"PORT": "5000"}
    assert shown(run("--print-config", "hello:app", env=variables), "bind") == "['0.0.0.0:5000']"
    assert shown(run("-b", "127.0.0.1:1", "--print-config", "hello:app", env=variables), "bind") == "['127.0.0.1:1']"


def test_forwarded_allow_ips_has_a_variable(run):
    ended = run("--print-config", "hello:app", env={"FORWARDED_ALLOW_IPS": "10.0.0.1,::1"})
    assert shown(ended, "forwarded_allow_ips") == "['10.0.0.1', '::1']"


@pytest.mark.parametrize(
    "name, value, setting",
    [("WEB_CONCURRENCY", "abc", "workers"), ("FORWARDED_ALLOW_IPS", "bad", "forwarded_allow_ips"), ("PORT", "abc", "bind")],
)
def test_a_bad_variable_is_located(run, name, value, setting):
    ended = run("hello:app", env={name: value})
    assert ended.status == 1
    ((place, named, _),) = ended.diagnostics
    assert (place, named) == ("environment variable " + name, setting)


# GUNICORN_SETTING_<NAME>


def test_a_variable_of_a_single_setting_is_above_the_file_and_below_the_rest(run, tmp_path):
    config(tmp_path, "timeout = 1\nworkers = 1\nbacklog = 1\n")
    variables = {
        "GUNICORN_SETTING_TIMEOUT": "2",
        "GUNICORN_SETTING_WORKERS": "2",
        "GUNICORN_SETTING_BACKLOG": "2",
        "GUNICORN_CMD_ARGS": "--workers 3 --backlog 3",
    }
    ended = run("-c", "conf.py", "--backlog", "4", "--print-config", "hello:app", env=variables)
    assert [shown(ended, name) for name in ("timeout", "workers", "backlog")] == ["2", "3", "4"]


def test_a_mistake_in_a_variable_of_a_single_setting_is_located(run):
    ended = run("hello:app", env={"GUNICORN_SETTING_WORKERS": "-1"})
    assert ended.status == 1
    ((place, setting, identifier),) = ended.diagnostics
    assert "GUNICORN_SETTING_WORKERS" in place and (setting, identifier) == ("workers", "negative-integer")


def test_a_variable_that_names_no_setting_is_a_warning_with_a_suggestion(run):
    ended = run("--check-config", "hello:app", env={"GUNICORN_SETTING_WOKERS": "2"})
    assert ended.status == 0
    assert [identifier for _, _, identifier in ended.diagnostics] == ["unknown-setting"]
    assert "workers" in ended.stderr.lower().replace("wokers", "")


# paste


INI = """
[DEFAULT]
level = debug

[app:main]
paste.app_factory = pasted:make

[server:main]
use = egg:gunicorn#main
host = 127.0.0.1
port = 0
workers = 2
loglevel = %(level)s
proc_name = %(here)s
"""


def test_the_server_section_of_a_paste_file_is_read(run, tmp_path):
    config(tmp_path, INI, "p.ini")
    ended = run("--paste", "p.ini", "--print-config", "hello:app")
    assert shown(ended, "bind") == "['127.0.0.1:0']"
    assert shown(ended, "workers") == "2"
    assert shown(ended, "loglevel") == "debug"
    assert shown(ended, "proc_name") == str(tmp_path)
    assert shown(ended, "default_proc_name") == str(tmp_path / "p.ini")


def test_a_paste_file_configures_a_server(server, tmp_path):
    config(tmp_path, INI, "p.ini")
    running = server("--paste", "p.ini", "hello:app", bind=None)
    running.wait_for_log("Booting worker", 2)
    assert get(running.address).body == b"hello\n"


def test_the_application_of_a_paste_file_is_served(server, tmp_path):
    pytest.importorskip("paste.deploy", reason="python3-pastedeploy is not installed")
    config(tmp_path, INI, "p.ini")
    config(tmp_path, "def make(global_conf, **local_conf):\n    from hello import app\n    return app\n", "pasted.py")
    running = server("--paste", "p.ini", bind=None)
    assert get(running.address).body == b"hello\n"


def test_a_missing_paste_file_is_exit_1(run, tmp_path):
    ended = run("--paste", "missing.ini", "hello:app")
    assert ended.status == 1
    assert "missing.ini" in ended.stderr and "not found" in ended.stderr and "Traceback" not in ended.stderr


def test_bad_syntax_in_a_paste_file_is_located(run, tmp_path):
    config(tmp_path, "workers = 1\n[server:main]\nworkers 4\n[server:broken\n", "p.ini")
    ended = run("--paste", "p.ini", "hello:app")
    assert ended.status == 1
    assert [(place, identifier) for place, _, identifier in ended.diagnostics] == [
        ("p.ini:1", "bad-syntax"),
        ("p.ini:3", "bad-syntax"),
        ("p.ini:4", "bad-syntax"),
    ]


def test_a_mistake_in_a_paste_file_is_located(run, tmp_path):
    config(tmp_path, "[server:main]\nuse = egg:gunicorn\nworkers = -1\nwokers = 2\n", "p.ini")
    ended = run("--paste", "p.ini", "hello:app")
    assert ended.status == 1
    assert ("p.ini:3", "workers", "negative-integer") in ended.diagnostics
    assert ("p.ini:4", "wokers", "unknown-setting") in ended.diagnostics
    assert "'workers'" in ended.stderr


# --check-config


def test_check_config_of_a_good_configuration_is_exit_0_and_listens_nowhere(run, tmp_path):
    config(tmp_path, "bind = 'unix:%s'\npidfile = 'pid'\nworkers = 2\n" % (tmp_path / "s.sock"))
    ended = run("-c", "conf.py", "--check-config", "hello:app")
    assert (ended.status, ended.diagnostics) == (0, [])
    assert ended.stdout.startswith("The configuration is valid.")
    assert not (tmp_path / "s.sock").exists() and not (tmp_path / "pid").exists()


@pytest.mark.parametrize(
    "app, said",
    [
        ("raises_at_import:app", "RuntimeError: this module cannot be imported"),
        ("no_such_module:app", "No module named 'no_such_module'"),
        ("hello:no_such_name", "Failed to find attribute 'no_such_name' in 'hello'."),
        ("hello:not_callable", "Application object must be callable"),
    ],
)
def test_check_config_of_an_application_that_does_not_load_is_exit_1(run, app, said):
    ended = run("--check-config", app)
    assert ended.status == 1
    assert said in ended.stderr


def test_check_config_without_an_application_is_exit_1(run):
    ended = run("--check-config")
    assert ended.status == 1 and ended.diagnostics == [("default", None, "no-application")]


def test_check_config_applies_chdir_pythonpath_and_raw_env(run, server, tmp_path):
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "only_on_pythonpath.py").touch()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "in_the_chdir_folder.txt").write_text("note")
    arguments = ["--pythonpath", str(tmp_path / "library"), "--chdir", "home", "-e", "MUST_BE_SET=yes", "needs_environment:app"]
    assert run("--check-config", *arguments).status == 0
    assert get(server(*arguments).address).body == b"yes note"
    for missing in ("--pythonpath", "--chdir", "-e"):
        at = arguments.index(missing)
        assert run("--check-config", *arguments[:at], *arguments[at + 2 :]).status == 1


def test_check_config_beside_the_running_server_does_it_no_harm(run, server, tmp_path):
    sock, pidfile = tmp_path / "s.sock", tmp_path / "pid"
    config(tmp_path, "bind = 'unix:%s'\npidfile = %r\n" % (sock, str(pidfile)))
    running = server("-c", "conf.py", "hello:app", bind=None)
    assert run("-c", "conf.py", "--check-config", "hello:app").status == 0
    assert get(str(sock)).status == 200
    assert pidfile.read_text() == "%d\n" % running.pid


@pytest.mark.parametrize(
    "option, value",
    [
        ("--pid", "/nonexistent/folder/pid"),
        ("--error-logfile", "/nonexistent/folder/log"),
        ("--access-logfile", "/nonexistent/folder/log"),
        ("--bind", "unix:/nonexistent/folder/s.sock"),
    ],
)
def test_check_config_finds_what_a_start_would_stumble_over(run, option, value):
    ended = run("--check-config", option, value, "hello:app")
    assert ended.status == 1, ended
    assert "/nonexistent/folder" in ended.stderr and "Traceback" not in ended.stderr


def test_check_config_of_an_application_that_hangs_up_is_exit_1(run, tmp_path):
    (tmp_path / "aborts.py").write_text("import os\nos.abort()\n")
    ended = run("--check-config", "aborts:app")
    assert ended.status == 1
    assert "Aborted" in ended.stderr, "the signal is named"


def test_check_config_runs_no_hooks(run, tmp_path):
    hooks = "".join("def %s(server): open('ran', 'a')\n" % name for name in ("on_starting", "when_ready", "on_exit"))
    config(tmp_path, hooks + "def nworkers_changed(server, new, old): open('ran', 'a')\n")
    assert run("-c", "conf.py", "--check-config", "hello:app").status == 0
    assert not (tmp_path / "ran").exists()
