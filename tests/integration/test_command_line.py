"""What the command line and GUNICORN_CMD_ARGS accept and refuse, as argparse would."""

import pytest


def shown(ended, setting):
    """The value of one setting in the output of --print-config."""
    assert ended.status == 0, ended
    values = dict(line.split(" = ", 1) for line in ended.stdout.splitlines())
    return {name.strip(): value for name, value in values.items()}[setting]


def test_version_is_exit_0(run):
    for flag in ("--version", "-v"):
        ended = run(flag)
        assert ended.status == 0
        assert ended.stdout.startswith("gunicorn (version ") and ended.stderr == ""


def test_help_is_exit_0_and_names_every_option(run):
    for flag in ("--help", "-h"):
        ended = run(flag)
        assert (ended.status, ended.stderr) == (0, "")
        assert ended.stdout.startswith("usage: gunicorn")
        for option in ("--bind", "--workers", "--limit-request-field_size", "--no-sendfile", "--check-config", "--paste"):
            assert option in ended.stdout


def test_help_wins_over_everything_that_is_right_before_it(run):
    assert run("-w", "3", "--help", "--bogus").status == 0


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--bogus", "hello:app"], "unrecognized arguments: --bogus"),
        (["--bind", "hello:app", "-w"], "argument -w/--workers: expected one argument"),
        (["-w", "abc", "hello:app"], "argument -w/--workers: invalid int value: 'abc'"),
        (["-w", "1.5", "hello:app"], "argument -w/--workers: invalid int value: '1.5'"),
        (["-w", "0x10", "hello:app"], "argument -w/--workers: invalid int value: '0x10'"),
        (["--workers=", "hello:app"], "argument -w/--workers: invalid int value: ''"),
        (["-m", "09", "hello:app"], "argument -m/--umask: invalid auto_int value: '09'"),
        (["--log", "hello:app"], "ambiguous option: --log could match"),
        (["--daemon=yes", "hello:app"], "ignored explicit argument 'yes'"),
        (["hello:app", "-w", "2", "other:app"], "unrecognized arguments: other:app"),
    ],
)
def test_what_argparse_refuses_is_usage_and_exit_2(run, arguments, said):
    ended = run(*arguments)
    assert ended.status == 2
    usage, error = ended.stderr.splitlines()[0], ended.stderr.splitlines()[-1]
    assert usage.startswith("usage: gunicorn [OPTIONS] [APP_MODULE]")
    assert error.startswith("gunicorn: error: ") and said in error
    assert ended.stdout == ""


def test_a_typo_in_an_option_gets_a_suggestion(run):
    assert "--workers" in run("--wokers", "3", "hello:app").stderr


@pytest.mark.parametrize(
    "arguments, setting, value",
    [
        (["-w4"], "workers", "4"),
        (["-w", "4"], "workers", "4"),
        (["--workers=4"], "workers", "4"),
        (["--worker", "4"], None, None),
        (["--workers", "+4"], "workers", "4"),
        (["--workers", " 4 "], "workers", "4"),
        (["--workers", "1_0"], "workers", "10"),
        (["--timeo", "5"], "timeout", "5"),
        (["--max-requests-j", "5", "--max-requests", "9"], "max_requests_jitter", "5"),
        (["--max-requests", "9"], "max_requests", "9"),
        (["--limit-request-field_size", "9"], "limit_request_field_size", "9"),
        (["--keep-alive", "9"], "keepalive", "9"),
        (["-m", "0022"], "umask", "18"),
        (["-m", "0x12"], "umask", "18"),
        (["-m", "18"], "umask", "18"),
        (["-t1", "--timeout", "2"], "timeout", "2"),
        (["--no-sendfile"], "sendfile", "False"),
        (["--preload"], "preload_app", "True"),
        (["--log-file", "/dev/null"], "errorlog", "/dev/null"),
        (["--error-logfile", "/dev/null"], "errorlog", "/dev/null"),
        (["-n", "x"], "proc_name", "x"),
        (["--name=a=b"], "proc_name", "a=b"),
        (["-b", "a:1", "--bind", "a:2", "-ba:3"], "bind", "['a:1', 'a:2', 'a:3']"),
        (["--forwarded-allow-ips", "*"], "forwarded_allow_ips", "['*']"),
        (["--header-map", "REFUSE"], "header_map", "refuse"),
        (["--proxy-protocol", "off"], "proxy_protocol", "off"),
    ],
)
def test_spellings_of_options(run, arguments, setting, value):
    ended = run(*arguments, "--print-config", "hello:app")
    if setting is None:  # --worker-class and --workers and --worker-connections
        assert ended.status == 2 and "ambiguous option: --worker could match" in ended.stderr
    else:
        assert shown(ended, setting) == value


def test_options_may_follow_the_application(run):
    ended = run("hello:app", "-w", "4", "--print-config")
    assert shown(ended, "workers") == "4" and shown(ended, "default_proc_name") == "hello:app"


def test_options_may_stand_on_both_sides_of_the_application(run):
    ended = run("-t", "7", "hello:app", "-w4", "--print-config")
    assert (shown(ended, "workers"), shown(ended, "timeout")) == ("4", "7")


def test_more_positionals_are_ignored(run):
    ended = run("--print-config", "hello:app", "ignored", "also")
    assert shown(ended, "default_proc_name") == "hello:app"


def test_options_end_at_two_dashes(run):
    assert shown(run("--print-config", "--", "hello:app"), "default_proc_name") == "hello:app"


# GUNICORN_CMD_ARGS


def with_args(text):
    return {"env": {"GUNICORN_CMD_ARGS": text}}


@pytest.mark.parametrize(
    "text, setting, value",
    [
        ("-w 4 --timeout=9", "timeout", "9"),
        ("--name 'two words' -w 3", "proc_name", "two words"),
        (r"--name two\ words", "proc_name", "two words"),
        ('--name "a \\"b\\""', "proc_name", 'a "b"'),
        ("-w 4 ignored:app", "workers", "4"),
        ("", "workers", "1"),
        ("   ", "workers", "1"),
    ],
)
def test_the_variable_is_split_like_a_shell_does(run, text, setting, value):
    ended = run("--print-config", "hello:app", **with_args(text))
    assert shown(ended, setting) == value
    assert shown(ended, "default_proc_name") == "hello:app", "positionals of the variable are nobody's"


def test_the_variable_may_name_the_config_file(run, tmp_path):
    (tmp_path / "c.py").write_text("workers = 6\n")
    assert shown(run("--print-config", "hello:app", **with_args("-c c.py")), "workers") == "6"


def test_the_command_line_names_another_config_file_than_the_variable(run, tmp_path):
    (tmp_path / "c.py").write_text("workers = 6\ntimeout = 6\n")
    (tmp_path / "d.py").write_text("workers = 7\n")
    ended = run("--print-config", "-c", "d.py", "hello:app", **with_args("-c c.py"))
    assert (shown(ended, "workers"), shown(ended, "timeout")) == ("7", "30")


def test_an_unclosed_quote_in_the_variable_is_exit_1(run):
    ended = run("hello:app", **with_args("--name 'open"))
    assert ended.status == 1
    assert "Error: No closing quotation" in ended.stderr and "GUNICORN_CMD_ARGS" in ended.stderr


def test_a_bad_flag_in_the_variable_is_exit_2_and_says_where(run):
    ended = run("hello:app", **with_args("--bogus"))
    assert ended.status == 2
    assert "unrecognized arguments: --bogus" in ended.stderr and "GUNICORN_CMD_ARGS" in ended.stderr


def test_the_name_of_the_program_does_not_matter(server, tmp_path):
    """Started through a link, as from the bin folder of a virtual environment."""
    import server_process

    link = tmp_path / "bin" / "gunicorn"
    link.parent.mkdir()
    link.symlink_to(server_process.BINARY)
    running = server("hello:app", command=[link])
    assert running.stop() == 0
