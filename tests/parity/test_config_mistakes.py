"""Configurations with one mistake each: exactly that is found, at its place, and the exit status follows."""

import re

import pytest

from config_case import CORPUS, read_cases

CASES = read_cases(CORPUS / "mistakes")


class Expected:
    """`# expect: CODE PLACE SEVERITY`, with `  # pending: REASON` behind it while the finding is not made yet.

    CODE may be id=NAME; PLACE is LINE:COLUMN, LINE, or - for none in the file. `nothing` stands for all three.
    """

    def __init__(self, text):
        words, _, self.pending = text.partition("  # pending: ")
        self.is_nothing = words == "nothing"
        self.code, self.place, self.severity = (None, None, None) if self.is_nothing else words.split()

    def problem(self, finding, file):
        """What of the finding is not as expected; None: all is."""
        names = {finding.code, "id=" + finding.name.replace("-", "_")}
        if self.code not in names:
            return "it is %s, not %s" % (" ".join(sorted(names)), self.code)
        if finding.severity != self.severity:
            return "it is a %s, not a %s" % (finding.severity, self.severity)
        if self.place == "-":
            return None if finding.place is None or not finding.place.startswith(file + ":") else "it has a place"
        found = re.fullmatch(re.escape(file) + r":(\d+)(?::(\d+))?(?: \(from .*\))?", finding.place or "")
        if not found:
            return "its place is %s" % finding.place
        line, _, column = self.place.partition(":")
        if found[1] != line:
            return "its line is %s, not %s" % (found[1], line)
        if column and found[2] != column:
            return "its column is %s, not %s" % (found[2], column)
        return None


def each_case():
    rows = []
    for case in CASES:
        expected = Expected(case.header["expect"])
        marks = [pytest.mark.xfail(reason="waits for: " + expected.pending, strict=True)] if expected.pending else []
        rows.append(pytest.param(case, expected, id=case.name, marks=marks))
    return pytest.mark.parametrize("case, expected", rows)


@each_case()
def test_the_one_mistake_of_a_file_is_all_that_is_found(case, expected, tmp_path):
    ended = case.run(tmp_path / "site", "--check-config")
    if expected.is_nothing:
        assert ended.findings == [] and ended.status == 0, ended
        return
    assert len(ended.findings) == 1, ended
    problem = expected.problem(ended.findings[0], str(case.config))
    assert problem is None, "%s\n%r" % (problem, ended)
    assert ended.status == (1 if expected.severity == "error" else 0), ended


def test_the_corpus_is_as_large_as_was_promised():
    assert len(CASES) >= 60
