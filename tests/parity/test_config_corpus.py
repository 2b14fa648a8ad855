"""Realistic configurations: the values that Debian's gunicorn prints, the lines that set them, no false alarm about names."""

import json
import re
import subprocess

import pytest

from binding_lines import SEPARATOR
from config_case import CORPUS, DEBIAN, read_cases
from marked_lines import lies_in, marked_spans

PYTHON = "/usr/bin/python3"
HERE = CORPUS.parent.parent / "parity"
CASES = read_cases(CORPUS / "good")

# Settings whose values are not those of Debian's 20.1, and why (docs/compatibility.md). A file that sets one is compared in it.
OTHER_DEFAULTS = {
    "forwarded_allow_ips": "since 22 the default holds ::1 as well",
    "proxy_allow_ips": "since 23 the default holds ::1 as well",
    "proxy_protocol": "since 26 a choice, off by default",
    "ssl_version": "since 21 None is the default",
}
NEVER_EQUAL = {
    "raw_env": "secrets are not printed",
    "config": "the file that was found by itself is shown as ./gunicorn.conf.py",
}

# The JSON form of --print-config says where each value comes from. Switch on once it is there.
HAS_JSON = False
with_json = pytest.mark.skipif(not HAS_JSON, reason="--print-config=json is not merged yet")
needs_debian = pytest.mark.skipif(not DEBIAN.exists(), reason="skipped: Debian's gunicorn is not installed")
each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def printed_settings(text):
    """{name: value} of what --print-config prints, whatever the configuration printed before; values may have several lines."""
    found = {}
    last = None
    for line in text.splitlines():
        row = re.fullmatch(r"([a-z][a-z0-9_]*) +=(?: (.*))?", line)
        if row and (last is None or row[1] > last):
            last = row[1]
            found[last] = row[2] or ""
        elif last is not None:
            found[last] += "\n" + line
    return found


def printed_from(text):
    """The part that is --print-config's: from its first setting on, access_log_format."""
    begin = re.search(r"^access_log_format +=", text, re.M)
    assert begin, text
    return printed_settings(text[begin.start() :])


def without_address(value):
    return re.sub(r" at 0x[0-9a-f]+", "", value)


def is_same(ours, debian):
    """Equal, but for addresses, and for objects, which we name with their module."""
    ours, debian = without_address(ours), without_address(debian)
    if ours == debian:
        return True
    named = re.fullmatch(r"<(.*)\(\)>", debian, re.S)
    mine = re.fullmatch(r"<(.*)\(\)>", ours, re.S)
    if not named or not mine:
        return False
    if named[1].startswith("object of "):
        return named[1][len("object of ") :] in mine[1]
    return mine[1] == named[1] or mine[1].endswith("." + named[1])


def names_set(case):
    return set(marked_spans(case.text))


def print_with_debian(case, folder):
    command = [str(DEBIAN)] if "by_library" not in case.header else [PYTHON, str(HERE / "print_by_library.py")]
    ended = case.run(folder, "--print-config", command=command)
    assert ended.status == 0, ended
    return printed_from(ended.stdout)


def findings_of_the_check(case, ended):
    """What the file asks for and this server cannot do yet must be exactly what the header says."""
    refused = {one.setting for one in ended.findings if one.name == "not-supported-yet"}
    assert refused == case.words("waits"), ended
    return [one for one in ended.findings if one.name != "not-supported-yet"]


@each_case
def test_a_good_file_has_no_finding_about_its_names_or_values(case, tmp_path):
    ended = case.run(tmp_path / "site", "--print-config")
    others = findings_of_the_check(case, ended)
    assert [one for one in others if re.match(r"GCF[012]", one.code)] == [], ended
    assert ended.status == (1 if case.words("waits") else 0), ended
    assert "Traceback" not in ended.stderr, ended


@needs_debian
@each_case
def test_a_good_file_gives_the_values_that_debians_gunicorn_prints(case, tmp_path):
    debian = print_with_debian(case, tmp_path / "site")
    ended = case.run(tmp_path / "site", "--print-config")
    if case.words("waits"):
        pytest.skip("waits for " + case.header["waits"])
    ours = printed_from(ended.stdout)
    passed_over = set(NEVER_EQUAL) | (set(OTHER_DEFAULTS) - names_set(case))
    both = sorted(set(debian) & set(ours) - passed_over)
    assert len(both) > 70 and names_set(case) - set(NEVER_EQUAL) <= set(both)
    wrong = ["%s: %r, Debian has %r" % (name, ours[name], debian[name]) for name in both if not is_same(ours[name], debian[name])]
    assert not wrong, "\n".join(wrong)


@each_case
def test_the_marks_of_a_good_file_are_where_python_binds_the_settings(case, tmp_path):
    """Of the corpus, not of the server: the marks are checked by a trace of every instruction."""
    known = [line.split()[2] for line in (CORPUS.parent.parent.parent / "schema" / "settings.yaml").read_text().splitlines() if line.startswith("- name: ")]
    case.copy_to(tmp_path / "site")
    where = case.header.get("config", "")
    where = where if where.startswith("python:") else str(case.config)
    ended = subprocess.run(
        [PYTHON, str(HERE / "binding_lines.py"), where, *known], cwd=tmp_path / "site", env=case.variables(), capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    bound = json.loads(ended.stderr.rsplit(SEPARATOR, 1)[1])
    marked = marked_spans(case.text)
    assert set(bound) - case.words("stronger") == set(marked)
    for name, spans in marked.items():
        assert any(lies_in(line, spans) for line in bound[name]), "%s is bound in %s, marked in %s" % (name, bound[name], spans)
        assert all(any(first <= line <= last for line in bound[name]) for first, last in spans), name


@with_json
@each_case
def test_every_value_of_a_good_file_says_the_line_that_set_it(case, tmp_path):
    ended = case.run(tmp_path / "site", "--print-config=json")
    if case.words("waits"):
        pytest.skip("waits for " + case.header["waits"])
    begin = re.search(r"^\{", ended.stdout, re.M)
    settings = json.loads(ended.stdout[begin.start() :])["settings"]
    of_file = {name: one["origin"] for name, one in settings.items() if one["origin"]["kind"] == "config_file"}
    marked = marked_spans(case.text)
    assert set(of_file) == set(marked)
    wrong = {name: origin for name, origin in of_file.items() if not lies_in(origin.get("line", 0), marked[name])}
    assert not wrong, (wrong, marked)


def test_the_corpus_is_large_enough():
    assert len(CASES) >= 60 and all(case.header.get("case") for case in CASES)
