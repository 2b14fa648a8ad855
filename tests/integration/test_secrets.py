"""Values of secret settings are in nothing that a finding or a traceback quotes, on whatever line they stand."""

import json

import pytest

LIST = """\
raw_env = [
    "DATABASE=hunter2", %s
    "REGION=hunter2",
]%s
"""

# configuration, what it must be refused for, and what may be shown of the line
QUOTING = {
    "a value behind the end": (LIST % ("", "; workers = 'many'"), "not-an-integer", "]; workers = 'many'"),
    "an unknown name behind the end": (LIST % ("", "; treads = 4\nworkers = 'many'"), "unknown-name", "]; treads = 4"),
    "a walrus in it": (LIST % ("(workers := 'many') and", ""), "not-an-integer", "    [redacted]"),
    "an exception in it": (LIST % ("str(1 / 0),", ""), "config-raised", "    [redacted]"),
    "a syntax error in it": (LIST % ("1 1,", ""), "bad-syntax", "    [redacted]"),
    "a syntax error behind it": (LIST % ("", " 1"), "bad-syntax", "[redacted]"),
    "a bracket that is not closed": ("raw_env = [\n    'DATABASE=hunter2',\nworkers = 2 3\n", "bad-syntax", "raw_env = [redacted]"),
    "a hook behind the end": (
        LIST % ("", "; on_exit = lambda server: server.foo"),
        "unknown-attribute",
        "]; on_exit = lambda server: server.foo",
    ),
    "a comment that is a secret": (LIST % ("1 / 0,  # OTHER=hunter2", ""), "config-raised", "    [redacted]"),
    "passwords by name": ("PASSWORDS = [\n    'hunter2', 1 / 0,\n]\n", "config-raised", "    [redacted]"),
}


@pytest.mark.parametrize("case", QUOTING)
def test_a_finding_quotes_no_line_of_a_secret_value(run, tmp_path, case):
    text, name, line = QUOTING[case]
    (tmp_path / "conf.py").write_text(text)
    ended = run("--check-config", "-c", "conf.py", "hello:app")
    assert name in [one.name for one in ended.findings] and ended.status == 1, ended
    assert "hunter2" not in ended.stdout + ended.stderr
    assert " | %s\n" % line in ended.stderr

    document = run("--check-config", "--check-format=json", "-c", "conf.py", "hello:app").stdout
    assert "hunter2" not in document
    assert line in [one.get("source") for one in json.loads(document)["diagnostics"]]

    started = run("-c", "conf.py", "-b", "127.0.0.1:0", "hello:app")
    assert started.status != 0 and "hunter2" not in started.stdout + started.stderr


@pytest.mark.parametrize("case", ["a walrus in it", "an exception in it", "a syntax error in it", "passwords by name"])
def test_the_line_is_quoted_when_secrets_are_asked_for(run, tmp_path, case):
    (tmp_path / "conf.py").write_text(QUOTING[case][0])
    ended = run("--check-config", "--show-secrets", "-c", "conf.py", "hello:app")
    assert "hunter2" in ended.stderr


def test_a_place_behind_a_secret_value_is_underlined(run, tmp_path):
    (tmp_path / "conf.py").write_text(LIST % ("", "; workers = 'many'"))
    ended = run("--check-config", "-c", "conf.py", "hello:app")
    assert " 4 | ]; workers = 'many'\n   |              ^^^^^^\n" in ended.stderr


IMPORTED = """\
SECRETS = dict(
    database="x", other=["hunter2"], port=int("hunter"),
)
"""


def test_the_traceback_of_an_imported_module_quotes_no_secret(run, tmp_path):
    (tmp_path / "project.py").write_text(IMPORTED)
    (tmp_path / "conf.py").write_text("import project\n")
    ended = run("--check-config", "-c", "conf.py", "hello:app")
    assert 'project.py", line 2, in <module>\n    [redacted]\n' in ended.stderr
    assert "hunter2" not in ended.stderr

    ended = run("--check-config", "project:app")
    assert 'project.py", line 2, in <module>\n    [redacted]\n' in ended.stderr
    assert "hunter2" not in ended.stdout + ended.stderr
    assert "hunter2" in run("--check-config", "--show-secrets", "project:app").stderr
