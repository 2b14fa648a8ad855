"""tools/settings_codegen: what it prints for good schemas, what it refuses in bad ones, and that what it printed into the tree is up to date.
good/ and bad/ hold schemas of settings, rules/ diagnostics with rules between the settings of rules/settings.yaml.

GN_CODEGEN is the path of the tool. With GN_UPDATE=1 the expected output of good/ is written instead of compared.
"""

import os
import pathlib
import re
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
SCHEMA = ROOT / "schema" / "settings.yaml"
GOOD = sorted((HERE / "good").glob("*.yaml"))
BAD = sorted((HERE / "bad").glob("*.yaml"))
RULES = HERE / "rules"
BAD_RULES = sorted((RULES / "bad").glob("*.yaml"))


@pytest.fixture(scope="session")
def codegen():
    tool = os.environ.get("GN_CODEGEN")
    assert tool, "set GN_CODEGEN to the path of settings_codegen"

    def run(*arguments):
        command = [tool, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    return run


def diagnostics(run):
    """[(line, id)] of what was written to standard error."""
    lines = [re.fullmatch(r".+?:(\d+): .+ \[([a-z0-9-]+)\]", line) for line in run.stderr.splitlines()]
    assert all(lines), run.stderr
    return [(int(line[1]), line[2]) for line in lines]


def expectations(schema):
    """The `# expect: ID:LINE` comments at the top of a bad schema."""
    found = re.findall(r"^# expect: ([a-z0-9-]+):(\d+)$", schema.read_text(), re.MULTILINE)
    return [(int(line), name) for name, line in found]


@pytest.mark.parametrize("schema", GOOD, ids=lambda path: path.stem)
def test_a_good_schema_gives_the_expected_files(codegen, schema, tmp_path):
    assert codegen("cpp", schema, tmp_path).returncode == 0
    assert codegen("docs", schema, tmp_path / "settings.md").returncode == 0
    assert codegen("json-schema", schema, tmp_path / "settings.json").returncode == 0
    written = {path.name: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    expected = schema.with_suffix("")
    if os.environ.get("GN_UPDATE"):
        expected.mkdir(exist_ok=True)
        for name, text in written.items():
            (expected / name).write_text(text)
    assert written == {path.name: path.read_text() for path in expected.iterdir()}


@pytest.mark.parametrize("schema", BAD, ids=lambda path: path.stem)
def test_a_bad_schema_is_refused_with_its_line(codegen, schema, tmp_path):
    run = codegen("cpp", schema, tmp_path)
    assert run.returncode == 1
    assert expectations(schema), "a bad schema says what it expects"
    assert diagnostics(run) == expectations(schema)
    assert not list(tmp_path.iterdir())


def test_good_rules_give_the_expected_table(codegen, tmp_path):
    assert codegen("rules", RULES / "settings.yaml", RULES / "good.yaml", tmp_path).returncode == 0
    written = (tmp_path / "config" / "rules.gen.cc").read_text()
    expected = RULES / "good.gen.cc"
    if os.environ.get("GN_UPDATE"):
        expected.write_text(written)
    assert written == expected.read_text()


@pytest.mark.parametrize("schema", BAD_RULES, ids=lambda path: path.stem)
def test_bad_diagnostics_and_rules_are_refused_with_their_lines(codegen, schema, tmp_path):
    run = codegen("rules", RULES / "settings.yaml", schema, tmp_path)
    assert run.returncode == 1
    assert expectations(schema), "a bad schema says what it expects"
    assert diagnostics(run) == expectations(schema)
    assert not list(tmp_path.iterdir())


def test_bad_settings_beside_rules_are_refused_with_their_own_name(codegen, tmp_path):
    run = codegen("rules", HERE / "bad" / "duplicate_name.yaml", RULES / "good.yaml", tmp_path)
    assert run.returncode == 1
    assert "duplicate_name.yaml:13:" in run.stderr


def test_every_id_is_shown_by_a_bad_schema_and_documented():
    tool = ROOT / "tools" / "settings_codegen"
    sources = [path for path in tool.glob("*.cc") if path.name not in ("main.cc", "emit_json_schema.cc")]  # they have other names
    used = {name for source in sources for name in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', source.read_text())}
    shown = {name for schema in BAD + BAD_RULES for _, name in expectations(schema)}
    refusals = (ROOT / "schema" / "README.md").read_text().split("## What is refused")[1]
    documented = re.findall(r"^\| `([a-z-]+)` \|", refusals, re.MULTILINE)
    assert shown == used
    assert set(documented) == used | {"unreadable"}


def test_a_schema_that_is_not_there_is_refused(codegen, tmp_path):
    run = codegen("cpp", tmp_path / "none.yaml", tmp_path)
    assert (run.returncode, diagnostics(run)) == (1, [(0, "unreadable")])


def test_a_file_that_cannot_be_written_is_an_error(codegen, tmp_path):
    (tmp_path / "config").write_text("in the way")
    run = codegen("cpp", SCHEMA, tmp_path)
    assert run.returncode == 1
    assert "cannot write" in run.stderr


@pytest.mark.parametrize("arguments", [[], ["cpp"], ["html", "a", "b"], ["cpp", "a", "b", "c"], ["rules", "a", "b"]], ids=" ".join)
def test_wrong_arguments_show_the_usage(codegen, arguments):
    run = codegen(*arguments)
    assert run.returncode == 2
    assert run.stderr.startswith("usage:")


def test_the_same_schema_gives_the_same_bytes(codegen, tmp_path):
    for name in ("one", "two"):
        assert codegen("cpp", SCHEMA, tmp_path / name).returncode == 0
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.gen.*")]
    assert len(files) == 4
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()


def test_the_settings_page_is_not_stale(codegen, tmp_path):
    assert codegen("docs", SCHEMA, tmp_path / "settings.md").returncode == 0
    fresh = (tmp_path / "settings.md").read_text()
    assert fresh == (ROOT / "docs" / "settings.md").read_text(), "run: settings_codegen docs schema/settings.yaml docs/settings.md"


def test_the_json_schema_is_not_stale(codegen, tmp_path):
    assert codegen("json-schema", SCHEMA, tmp_path / "schema.json").returncode == 0
    fresh = (tmp_path / "schema.json").read_text()
    command = "settings_codegen json-schema schema/settings.yaml schema/gunicorn.schema.json"
    assert fresh == (ROOT / "schema" / "gunicorn.schema.json").read_text(), "run: " + command


def test_the_pages_of_diagnostics_are_not_stale(codegen, tmp_path):
    assert codegen("diagnostic-pages", ROOT / "schema" / "diagnostics.yaml", tmp_path).returncode == 0
    fresh = {path.name: path.read_text() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_text() for path in (ROOT / "docs" / "diagnostics").iterdir()}
    command = "settings_codegen diagnostic-pages schema/diagnostics.yaml docs/diagnostics"
    assert sorted(committed) == sorted(fresh), "remove what is no code, and run: " + command
    assert committed == fresh, "run: " + command
