"""What a server does for its surroundings: processors, masks, names, users."""

import os
import re

import pytest

from server_process import BINARY

AUTO = r"auto: (\d+) \(2 x (\d+) processors? \+ 1; (.*)\)"


def usable():
    """Processors that the affinity of the test leaves to a server."""
    return len(os.sched_getaffinity(0))


@pytest.mark.parametrize("given", ["option", "variable", "file", "commands"])
def test_workers_may_be_auto_in_every_source(server, tmp_path, given):
    arguments, env = [], {}
    if given == "option":
        arguments = ["-w", "auto"]
    elif given == "variable":
        env = {"WEB_CONCURRENCY": "auto"}
    elif given == "commands":
        env = {"GUNICORN_CMD_ARGS": "--workers=AUTO"}
    else:
        (tmp_path / "conf.py").write_text("workers = 'auto'\n")
        arguments = ["-c", "conf.py"]
    running = server(*arguments, "hello:app", env=env)
    workers, processors, because = running.wait_for_log(r"\[INFO\] workers: " + AUTO)[0]
    assert int(processors) <= usable() and int(workers) == 2 * int(processors) + 1
    assert because in ("affinity of the process", "quota of the control group")
    running.wait_for_workers(int(workers))


def test_affinity_limits_the_automatic_number(server):
    one = min(os.sched_getaffinity(0))
    running = server("-w", "auto", "hello:app", command=["/usr/bin/taskset", "-c", one, BINARY])
    assert running.wait_for_log(r"workers: auto: 3 \(2 x 1 processor \+ 1; ")
    running.wait_for_workers(3)


def test_a_check_shows_the_automatic_number(run):
    page = run("-w", "auto", "--check-config", "hello:app").stdout
    assert re.search(r"^processes +1 master, \d+ workers \(sync\), " + AUTO + "$", page, re.M), page
    shown = run("-w", "auto", "--print-config", "hello:app").stdout
    assert re.search(r"^workers +=  *\d+$", shown, re.M), shown


def test_hooks_see_the_automatic_number_and_may_ask_for_it(server, tmp_path):
    (tmp_path / "conf.py").write_text(
        "workers = 'auto'\n"
        "def on_starting(server):\n"
        "    before = server.cfg.workers\n"
        "    server.cfg.set('workers', 'auto')\n"
        "    server.log.info('numbers: %r %r', before, server.cfg.workers)\n"
    )
    running = server("-c", "conf.py", "hello:app")
    before, after = running.wait_for_log(r"numbers: (\d+) (\d+)")[0]
    assert before == after and int(before) >= 3


def test_another_word_is_no_number_of_workers(run):
    ended = run("-w", "many", "hello:app")
    assert ended.status == 2 and "argument -w/--workers: invalid int value: 'many'" in ended.stderr
