"""Realistic configurations: values as Debian's gunicorn prints them, the lines that set them, no false alarm about names."""

import json
import re
import subprocess

import pytest

from binding_lines import SEPARATOR
from config_case import CORPUS, DEBIAN, HERE, needs_debian, read_cases, setting_names
from marked_lines import lies_in, marked_spans
from printed_config import is_same, printed_settings

PYTHON = "/usr/bin/python3"
CASES = read_cases(CORPUS / "good")

# Settings whose defaults are not those of Debian's 20.1. What a file sets is compared all the same.
OTHER_DEFAULTS = {
    "forwarded_allow_ips": "since 22 ::1 is there as well",
    "proxy_allow_ips": "since 23 ::1 is there as well",
    "proxy_protocol": "since 26 a choice, which is off",
    "ssl_version": "since 21 None",
}
NEVER_EQUAL = {
    "raw_env": "secrets are not printed",
    "config": "what was found by itself is shown as ./gunicorn.conf.py",
}


def each_case(faults=True):
    """Every good file; what its header calls a fault of ours must still be one."""
    rows = []
    for case in CASES:
        is_fault = faults and "fault" in case.header
        marks = [pytest.mark.xfail(reason=case.header["fault"], strict=True)] if is_fault else []
        rows.append(pytest.param(case, id=case.name, marks=marks))
    return pytest.mark.parametrize("case", rows)


@each_case()
def test_a_good_file_has_no_finding_about_its_names_and_no_error(case, tmp_path):
    ended = case.run(tmp_path / "site", "--check-config")
    refused = {one.setting for one in ended.findings if one.name == "not-supported-yet"}
    assert refused == case.words("waits"), ended
    others = [one for one in ended.findings if one.name != "not-supported-yet"]
    assert [one.code for one in others if one.severity == "error" or one.code.startswith("GCF1")] == [], ended
    assert ended.status == (1 if refused else 0), ended
    assert "Traceback" not in ended.stderr, ended


@needs_debian
@each_case()
def test_a_good_file_gives_the_values_that_debians_gunicorn_prints(case, tmp_path):
    by_itself = "by_library" not in case.header
    command = [DEBIAN] if by_itself else [PYTHON, HERE / "print_by_library.py"]
    reference = case.run(tmp_path / "site", "--print-config", command=command)
    assert reference.status == 0, reference
    debian = printed_settings(reference.stdout)
    if case.words("waits"):
        return  # the findings are what the header says (above), and nothing is printed; Debian's gunicorn takes the file
    ended = case.run(tmp_path / "site", "--print-config")
    ours = printed_settings(ended.stdout)
    marked = set(marked_spans(case.text))
    both = set(debian) & set(ours) - set(NEVER_EQUAL) - (set(OTHER_DEFAULTS) - marked)
    assert len(both) > 70 and marked - set(NEVER_EQUAL) <= both, ended
    wrong = {name: (ours[name], debian[name]) for name in both if not is_same(name, ours[name], debian[name])}
    assert set(wrong) == case.words("differs"), wrong


@needs_debian
@each_case(faults=False)
def test_the_marks_of_a_good_file_are_where_python_binds_the_settings(case, tmp_path):
    """About the corpus, not about the server: a trace of every instruction says the same as the marks."""
    case.copy_to(tmp_path / "site")
    named = case.header.get("config", "")
    where = named if named.startswith("python:") else str(case.config)
    ended = subprocess.run(
        [PYTHON, HERE / "binding_lines.py", where, *setting_names()],
        cwd=tmp_path / "site", env=case.variables(), capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    bound = json.loads(ended.stderr.rsplit(SEPARATOR, 1)[1])
    marked = marked_spans(case.text)
    assert set(bound) - case.words("stronger") == set(marked)
    for name, spans in marked.items():
        assert all(any(lies_in(line, [span]) for line in bound[name]) for span in spans), (name, bound[name], spans)


@each_case()
def test_every_value_of_a_good_file_says_the_line_that_set_it(case, tmp_path):
    if case.words("waits"):
        pytest.skip("waits for " + case.header["waits"])
    ended = case.run(tmp_path / "site", "--print-config=json")
    document = json.loads(ended.stdout[re.search(r"^\{", ended.stdout, re.M).start() :])
    of_file = {name: one["origin"] for name, one in document["settings"].items() if one["origin"]["kind"] == "config_file"}
    marked = marked_spans(case.text)
    assert set(of_file) == set(marked)
    lines = {name: origin.get("line", 0) for name, origin in of_file.items()}
    wrong = {name: (line, marked[name]) for name, line in lines.items() if not lies_in(line, marked[name])}
    assert wrong == {}, "setting: (line of its origin, lines that are marked)"


def test_the_corpus_is_as_large_as_was_promised():
    assert len(CASES) >= 60 and all(case.header.get("case") for case in CASES)
