"""Rules between settings, with what is known of the host."""

import pytest

from server_process import BINARY


def check(run, tmp_path, text, *arguments, **options):
    (tmp_path / "gunicorn.conf.py").write_text(text)
    return run(*arguments, "--check-config", "hello:app", cwd=tmp_path, **options)


def test_a_server_without_settings_hears_nothing_of_rules(run, tmp_path):
    ended = check(run, tmp_path, "")
    assert (ended.status, ended.findings) == (0, []), ended


def test_a_finding_points_at_the_setting_to_change_and_at_the_others(run, tmp_path):
    ended = check(run, tmp_path, 'bind = ":8000"\nforwarded_allow_ips = "*"\n')
    assert (ended.status, ended.diagnostics) == (0, [("gunicorn.conf.py:2", "forwarded_allow_ips", "everyone-trusted")]), ended
    assert ended.findings[0].severity == "warning"
    assert "note: bind is set here: gunicorn.conf.py:1" in ended.stderr


def test_the_limit_of_open_files_is_that_of_the_process(run, tmp_path):
    limited = ["/bin/sh", "-c", 'ulimit -n 256; exec "$0" "$@"', BINARY]
    ended = check(run, tmp_path, "worker_connections = 1000\n", command=limited)
    assert [one.name for one in ended.findings] == ["too-few-files"], ended
    assert "256 files" in ended.findings[0].message
    assert check(run, tmp_path, "worker_connections = 200\n", command=limited).findings == []


def test_a_longer_backlog_than_the_kernel_grants_is_found(run, tmp_path):
    with open("/proc/sys/net/core/somaxconn") as file:
        granted = int(file.read())
    ended = check(run, tmp_path, "backlog = %d\n" % (granted + 1))
    assert [one.name for one in ended.findings] == ["backlog-above-limit"], ended
    assert str(granted) in ended.findings[0].message
    assert check(run, tmp_path, "backlog = %d\n" % granted).findings == []


@pytest.mark.parametrize("variables, found", [
    ({"INVOCATION_ID": "0", "NOTIFY_SOCKET": "/run/systemd/notify"}, True),
    ({"INVOCATION_ID": "0"}, False),
    ({}, False),
])
def test_daemon_is_mentioned_under_systemd_only(run, tmp_path, variables, found):
    ended = check(run, tmp_path, "daemon = True\n", env=variables)
    assert ("daemon-under-systemd" in [one.name for one in ended.findings]) == found, ended


def test_a_start_says_it_too(server, tmp_path):
    running = server("--timeout", "0", "hello:app")
    assert "warning[GCF330]: timeout: is 0" in running.stderr
    assert running.stop() == 0
