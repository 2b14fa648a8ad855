"""A configuration of the corpus: where it lies, what its first lines ask for, and what a command makes of it."""

import pathlib
import re
import shlex
import shutil
import subprocess
import tokenize

import pytest

from server_process import BINARY, ROOT, environment, read_findings

HERE = ROOT / "tests" / "parity"
CORPUS = ROOT / "tests" / "corpus" / "config"
DEBIAN = pathlib.Path("/usr/bin/gunicorn")
HEADER = re.compile(
    "# (case|env|args|config|application|waits|stronger|differs|fault|by_library|expect): (.*)"
)  # tests/corpus/config/README.md explains them

needs_debian = pytest.mark.skipif(not DEBIAN.exists(), reason="skipped: Debian's gunicorn is not installed")


class Case:
    """`name` is that of the file or folder; `config` the path of the configuration inside of the folder where it runs."""

    def __init__(self, name, source, config):
        self.name = name
        self.source = source
        self.config = config
        self.header = {}
        for line in self.text.splitlines():
            found = HEADER.fullmatch(line)
            if found:
                self.header.setdefault(found[1], found[2])
            elif not line.startswith("#"):
                break

    @property
    def path(self):
        return self.source / self.config if self.source.is_dir() else self.source

    @property
    def text(self):
        """As Python decodes it; text that Python cannot decode is read as far as it goes."""
        try:
            with tokenize.open(self.path) as stream:
                return stream.read()
        except (SyntaxError, UnicodeDecodeError):
            return self.path.read_text(encoding="latin-1")

    def words(self, name):
        """The comma-separated names of one line of the header."""
        return {word.strip() for word in self.header.get(name, "").split(",") if word.strip()}

    def copy_to(self, folder):
        """A fresh copy, always in the same place, so that paths of two runs are equal."""
        shutil.rmtree(folder, ignore_errors=True)
        if self.source.is_dir():
            shutil.copytree(self.source, folder)
        else:
            folder.mkdir(parents=True)
            shutil.copy(self.source, folder)

    @property
    def arguments(self):
        named = self.header.get("config", str(self.config))
        words = [] if named == "none" else ["-c", named]
        words += shlex.split(self.header.get("args", ""))
        application = self.header.get("application", "hello:app")
        return words + ([] if application == "none" else [application])

    def variables(self):
        base = environment()
        for pair in shlex.split(self.header.get("env", "")):
            name, _, value = pair.partition("=")
            base[name] = value.replace("$PYTHONPATH", base["PYTHONPATH"])
        return base

    def run(self, folder, *words, command=(BINARY,)):
        """Runs `command words arguments` in a fresh copy."""
        self.copy_to(folder)
        ended = subprocess.run(
            [*command, *words, *self.arguments],
            cwd=folder, env=self.variables(), stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        )  # fmt: skip
        return Ended(ended)


class Ended:
    """What a command left."""

    def __init__(self, completed):
        self.status = completed.returncode
        self.stdout = completed.stdout.decode(errors="replace")
        self.stderr = completed.stderr.decode(errors="replace")
        self.findings = read_findings(self.stderr)

    def __repr__(self):
        return "<exit %s>\n--- stderr\n%s\n--- stdout\n%s" % (self.status, self.stderr[-4000:], self.stdout[-4000:])


def setting_names():
    """Every setting and hook of the schema."""
    return re.findall(r"^- name: (\w+)$", (ROOT / "schema" / "settings.yaml").read_text(), re.M)


def read_cases(folder):
    """NAME.py is a case; so is the folder NAME: its configuration is the one file with `case` or `expect` in the header."""
    cases = []
    for entry in sorted(folder.iterdir()):
        if entry.name == "__pycache__":
            continue
        if entry.is_file():
            cases.append(Case(entry.stem, entry, pathlib.Path(entry.name)))
            continue
        files = [path for path in sorted(entry.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
        made = [Case(entry.name, entry, path.relative_to(entry)) for path in files]
        configs = [case for case in made if {"case", "expect"} & set(case.header)]
        assert len(configs) == 1, "%s: %d files have the header of a case" % (entry.name, len(configs))
        cases.append(configs[0])
    return cases
