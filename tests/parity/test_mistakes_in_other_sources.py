"""Typing errors outside of the configuration file: each is found, placed and explained. And checks that must pass."""

import pathlib
import subprocess

import pytest

from config_case import DEBIAN, Ended, needs_debian
from server_process import BINARY, environment

INI = "[server:main]\nuse = egg:gunicorn\n"


def check(folder, *arguments, variables=None, files=None, command=BINARY):
    for name, text in (files or {}).items():
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ended = subprocess.run(
        [command, "--check-config", *arguments],
        cwd=folder, env=environment(**(variables or {})), stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
    )  # fmt: skip
    return Ended(ended)


def each_row(names, rows):
    return pytest.mark.parametrize(names, [row[1:] for row in rows], ids=[row[0].replace(" ", "_") for row in rows])


def ini(text):
    """What --paste p.ini gives, and the file."""
    return ["--paste", "p.ini"], {}, {"p.ini": INI + text}


def variable(name, value):
    return [], {name: value}, {}


def words(*arguments):
    return list(arguments), {}, {}


# (test, exit status, place of the finding, its code, what explains it, where the mistake is made)
FOUND = [
    ("a key of the INI", 0, "p.ini:3:1", "GCF105", "did you mean 'workers'?", ini("wokers = 2\n")),
    ("a key with a dash", 0, "p.ini:3:1", "GCF105", "'worker_class'", ini("worker-class = sync\n")),
    ("a removed key", 0, "p.ini:3:1", "GCF102", "errorlog", ini("logfile = -\n")),
    ("a key twice", 0, "p.ini:4:1", "GCF104", "line 3", ini("workers = 2\nworkers = 3\n")),
    ("a value of the INI", 1, "p.ini:3:11", "GCF201", "'two'", ini("workers = two\n")),
    ("a name of the INI", 1, "p.ini:3:8", "GCF003", "host_name", ini("bind = %(host_name)s:80\n")),
    (
        "a value of GUNICORN_CMD_ARGS", 1, "GUNICORN_CMD_ARGS, argument 1", "GCF202",
        "-3", variable("GUNICORN_CMD_ARGS", "--workers -3"),
    ),
    (
        "a file of GUNICORN_CMD_ARGS", 1, "GUNICORN_CMD_ARGS, argument 1", "GCF002",
        "conf.yp", variable("GUNICORN_CMD_ARGS", "-c conf.yp"),
    ),
    (
        "a name of GUNICORN_SETTING", 0, "environment variable GUNICORN_SETTING_WOKERS", "GCF105",
        "GUNICORN_SETTING_WORKERS", variable("GUNICORN_SETTING_WOKERS", "2"),
    ),
    (
        "an option's name in GUNICORN_SETTING", 0, "environment variable GUNICORN_SETTING_LOG_LEVEL", "GCF105",
        "GUNICORN_SETTING_LOGLEVEL", variable("GUNICORN_SETTING_LOG_LEVEL", "debug"),
    ),
    (
        "a value of GUNICORN_SETTING", 1, "environment variable GUNICORN_SETTING_WORKERS", "GCF201",
        "'two'", variable("GUNICORN_SETTING_WORKERS", "two"),
    ),
    ("WEB_CONCURRENCY", 1, "environment variable WEB_CONCURRENCY", "GCF201", "'abc'", variable("WEB_CONCURRENCY", "abc")),
    ("PORT", 1, "environment variable PORT", "GCF210", "'http'", variable("PORT", "http")),
    (
        "FORWARDED_ALLOW_IPS", 1, "environment variable FORWARDED_ALLOW_IPS", "GCF209",
        "'proxy'", variable("FORWARDED_ALLOW_IPS", "proxy"),
    ),
    ("an address of the command line", 1, "command line, argument 2", "GCF210", "'99999'", words("-b", "127.0.0.1:99999")),
    ("a number of the command line", 1, "command line, argument 2", "GCF202", "-2", words("--workers", "-2")),
    ("a variable of the command line", 1, "command line, argument 2", "GCF211", "item 1 must be NAME=value", words("-e", "DEBUG")),
    (
        "a class of the command line", 1, "command line, argument 2", "GCF213",
        "did you mean 'gthread'?", words("-k", "gthraed"),
    ),
    ("a file of the command line", 1, "command line, argument 2", "GCF002", "'conf.yp'", words("-c", "conf.yp")),
    ("a level of the command line", 0, "command line, argument 2", "GCF217", "'verbose'", words("--log-level", "verbose")),
]


@each_row("status, place, code, explanation, made", FOUND)
def test_a_typing_error_is_found_and_explained_in(status, place, code, explanation, made, tmp_path):
    arguments, variables, files = made
    ended = check(tmp_path, *arguments, "hello:app", variables=variables, files=files)
    assert [(one.place, one.code) for one in ended.findings] == [(place, code)], ended
    assert explanation in ended.stderr and ended.status == status, ended


REFUSED = [
    ("an option", "did you mean '--workers'?", words("--wokers", "2")),
    ("an option of another server", "did you mean '--workers'?", words("--num-workers", "2")),
    ("an option that is short for several", "could match --workers, --worker-class", words("--worker", "2")),
    ("a number", "invalid int value: 'two'", words("--workers", "two")),
    ("an option of the variable", "'--workers'? (in GUNICORN_CMD_ARGS)", variable("GUNICORN_CMD_ARGS", "--wokers 2")),
    ("a number of the variable", "'abc' (in GUNICORN_CMD_ARGS)", variable("GUNICORN_CMD_ARGS", "--workers abc")),
]


@each_row("explanation, made", REFUSED)
def test_what_argparse_refuses_is_explained_with_the_usage(explanation, made, tmp_path):
    arguments, variables, _ = made
    ended = check(tmp_path, *arguments, "hello:app", variables=variables)
    assert explanation in ended.stderr and "usage: gunicorn" in ended.stderr and ended.status == 2, ended


def test_an_option_that_is_given_twice_is_found(tmp_path):
    ended = check(tmp_path, "-w", "3", "-w", "2", "hello:app")
    assert [one.code for one in ended.findings] == ["GCF104"] and ended.status == 0, ended


# What Gunicorn's check fails on although it starts.

GOOD = [
    ("an application in --pythonpath", ["--pythonpath", "sub", "inner:app"], {"sub/inner.py": "from hello import app\n"}),
    (
        "an application that needs a variable of -e",
        ["-e", "DB=1", "needs:app"],
        {"needs.py": "import os\n\nos.environ['DB']\nfrom hello import app\n"},
    ),
    (
        "both said by the configuration file",
        ["-c", "conf.py", "inner:app"],
        {
            "conf.py": "pythonpath = 'sub'\nraw_env = ['DB=1']\n",
            "sub/inner.py": "import os\n\nos.environ['DB']\nfrom hello import app\n",
        },
    ),
]
each_good = each_row("arguments, files", GOOD)


@each_good
def test_what_starts_passes_the_check(arguments, files, tmp_path):
    ended = check(tmp_path, *arguments, files=files)
    assert ended.findings == [] and ended.status == 0, ended


@needs_debian
@each_good
def test_the_check_of_debians_gunicorn_fails_where_ours_must_pass(arguments, files, tmp_path):
    """Otherwise the test above would prove nothing."""
    assert check(tmp_path, *arguments, files=files, command=DEBIAN).status == 1
