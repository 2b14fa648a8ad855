"""Starts the real server as a process of its own, waits for what it says, and leaves nothing behind."""

import os
import pathlib
import re
import signal
import subprocess
import time

import certificates

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
APPS = ROOT / "tests" / "apps"
EXAMPLES = ROOT / "examples"

DEADLINE = 30.0  # for anything that is expected; a loaded machine is slow
SANITIZER_REPORTS = ("ERROR: AddressSanitizer", "runtime error:", "ERROR: LeakSanitizer", "ThreadSanitizer")


def find_binary():
    if "GN_BINARY" in os.environ:
        return pathlib.Path(os.environ["GN_BINARY"]).resolve()
    for preset in ("dev", "release"):
        if (ROOT / "build" / preset / "gunicorn").exists():
            return ROOT / "build" / preset / "gunicorn"
    raise FileNotFoundError("no binary: build the preset dev or release, or set GN_BINARY")


BINARY = find_binary()
# What a plain Python can load: never the package of the dev preset, whose module needs the sanitizers' runtime.
PACKAGE = pathlib.Path(os.environ.get("GN_PACKAGE", ROOT / "build" / "release" / "python"))


def sanitizer_of_binary():
    """"address" for the preset dev, "thread" for tsan, else None."""
    with open(BINARY, "rb") as binary:
        code = binary.read()
    return "address" if b"__asan_init" in code else "thread" if b"__tsan_init" in code else None


SANITIZER = sanitizer_of_binary()
# See raw_http.EVERYWHERE.
TLS = ["--certfile", certificates.server().chain_and_key] if "GN_TLS" in os.environ else []
SANITIZED = SANITIZER is not None


def environment(**changes):
    """A clean environment: nothing of the caller's reaches the server by accident. None removes a variable."""
    variables = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(APPS),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if SANITIZED:
        variables["ASAN_OPTIONS"] = "detect_leaks=0"
        variables["PYTHONMALLOC"] = "malloc"  # whose calls the sanitizer sees
    variables.update(changes)
    return {name: str(value) for name, value in variables.items() if value is not None}


def thread_sanitizer_options(reports):
    """For TSAN_OPTIONS: each process writes what it reports to `reports`.PID and goes on, so that one run shows every race.
    Applications fork out of workers that have threads."""
    return "log_path=%s:die_after_fork=0:history_size=5:suppressions=%s" % (reports, ROOT / "tests/support/tsan.supp")


def wait_until(predicate, what, deadline=DEADLINE):
    """The first true answer of `predicate`, asked again and again until the deadline."""
    end = time.monotonic() + deadline
    while True:
        answer = predicate()
        if answer:
            return answer
        assert time.monotonic() < end, "%s did not happen in %g s" % (what() if callable(what) else what, deadline)
        time.sleep(0.01)


def read(path):
    try:
        return pathlib.Path(path).read_text(errors="replace")
    except FileNotFoundError:
        return ""


class ProcessFacts:
    """One row of /proc."""

    def __init__(self, pid):
        text = pathlib.Path("/proc/%d/stat" % pid).read_text()
        fields = text[text.rindex(")") + 2 :].split()
        self.pid = pid
        self.state = fields[0]
        self.parent = int(fields[1])
        self.session = int(fields[3])
        self.cpu_ticks = int(fields[11]) + int(fields[12])


def processes():
    rows = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                rows.append(ProcessFacts(int(entry)))
            except (FileNotFoundError, ProcessLookupError):
                pass
    return [row for row in rows if row.state not in "ZX"]


def children_of(pid):
    return sorted(row.pid for row in processes() if row.parent == pid)


def members_of_session(session):
    return sorted(row.pid for row in processes() if row.session == session)


def is_running(pid):
    return any(row.pid == pid for row in processes())


NEW_MASTER_IS_READY = r"Upgrade: the new master \(pid:(\d+)\) is ready"


def end(pid, signo=signal.SIGTERM):
    """Ends a process that need not be a child of ours, and waits for it."""
    if is_running(pid):
        os.kill(pid, signo)
    wait_until(lambda: not is_running(pid), "the end of %d" % pid)


def catches_signals(pid):
    """Whether a process has a handler for USR1, as a worker has once it took its signals over."""
    found = re.search(r"^SigCgt:\s*([0-9a-f]+)$", read("/proc/%d/status" % pid), re.M)
    return bool(found) and bool(int(found[1], 16) & 1 << (signal.SIGUSR1 - 1))


class ServerProcess:
    """One run of the server in a session of its own; standard output and error go to files in `folder`."""

    def __init__(self, folder, *arguments, command=None, bind="127.0.0.1:0", cwd=None, env=None, pass_fds=(), errorlog=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.stdout_path = self.folder / "stdout"
        self.stderr_path = self.folder / "stderr"
        self.errorlog = self.folder / errorlog if errorlog else self.stderr_path
        words = list(map(str, command or [BINARY, *TLS]))
        if bind is not None:
            words += ["--bind", bind]
        self.command = words + list(map(str, arguments))
        variables = environment(**(env or {}))
        if SANITIZER == "thread":
            variables["TSAN_OPTIONS"] = thread_sanitizer_options(self.folder / "tsan")
        with open(self.stdout_path, "wb") as out, open(self.stderr_path, "wb") as err:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=str(cwd or self.folder),
                env=variables,
                start_new_session=True,
                pass_fds=pass_fds,
            )
        self.pid = self.process.pid
        self.addresses = []

    # What it says.

    @property
    def stdout(self):
        return read(self.stdout_path)

    @property
    def stderr(self):
        return read(self.stderr_path)

    @property
    def log(self):
        """The error log, wherever it goes."""
        return read(self.errorlog)

    def describe(self):
        return "%s\n--- stderr\n%s\n--- stdout\n%s" % (" ".join(self.command), self.stderr[-6000:], self.stdout[-2000:])

    def wait_for_log(self, pattern, count=1, deadline=DEADLINE):
        """The matches of `pattern` in the error log, once there are `count`."""

        def enough():
            found = re.findall(pattern, self.log)
            assert self.process.poll() is None or len(found) >= count, "ended without %r\n%s" % (pattern, self.describe())
            return found if len(found) >= count else None

        return wait_until(enough, lambda: "%d x %r in the log\n%s" % (count, pattern, self.describe()), deadline)

    # How it lives.

    def wait_until_listening(self):
        line = self.wait_for_log(r"Listening at: (.*) \(\d+\)")[0]
        for text in line.split(","):
            unix = re.fullmatch(r"unix:(.*)", text)
            tcp = re.fullmatch(r"https?://\[?(.+?)\]?:(\d+)", text)
            assert unix or tcp, line
            self.addresses.append(unix[1] if unix else (tcp[1], int(tcp[2])))
        return self

    @property
    def address(self):
        return self.addresses[0]

    def boots(self):
        """Pids of all workers that ever began, in order."""
        return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", self.log)]

    def workers(self):
        return children_of(self.pid)

    def wait_for_workers(self, count):
        """The pids of the workers, once there are exactly `count` and each of them has begun and handles signals."""

        def settled():
            now = self.workers()
            if len(now) != count or not set(now) <= set(self.boots()):
                return None
            return now if all(map(catches_signals, now)) else None

        return wait_until(settled, lambda: "%d workers\n%s" % (count, self.describe()))

    def send_signal(self, signo):
        os.kill(self.pid, signo)

    def wait(self, deadline=DEADLINE):
        """The exit status."""
        try:
            return self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError("still running after %g s\n%s" % (deadline, self.describe())) from None

    def stop(self, signo=signal.SIGTERM, deadline=DEADLINE):
        if self.process.poll() is None:
            self.send_signal(signo)
        return self.wait(deadline)

    def discard(self):
        """Ends what is left, then says what a test must not leave: processes, reports of a sanitizer."""
        problems = []
        try:
            if self.process.poll() is None:
                self.stop()
        except AssertionError as error:
            problems.append("TERM did not stop it: %s" % error)
        finally:
            end = time.monotonic() + (DEADLINE if not problems else 0)
            left = members_of_session(self.pid)
            while left and time.monotonic() < end:
                time.sleep(0.01)
                left = members_of_session(self.pid)
            for pid in left:
                problems.append("process %d was left behind" % pid)
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.process.wait(DEADLINE)
        for text in {self.stderr, self.stdout, self.log, *map(read, self.folder.glob("tsan.*"))}:
            for report in SANITIZER_REPORTS:
                if report in text:
                    problems.append(text[max(0, text.index(report) - 50) :][:12000])
        assert not problems, "\n".join(problems + [self.describe()])


class Run:
    """What a command that ends by itself left behind."""

    def __init__(self, server):
        self.status = server.wait()
        self.stdout = server.stdout
        self.stderr = server.stderr

    def __repr__(self):
        return "<exit %s>\n--- stderr\n%s\n--- stdout\n%s" % (self.status, self.stderr, self.stdout)

    @property
    def findings(self):
        return read_findings(self.stderr)

    @property
    def diagnostics(self):
        """[(place without its column, setting, name of the code)]."""
        return [(one.line, one.setting, one.name) for one in self.findings]


def read_findings(text):
    """What a check or a start found, as it was printed."""
    found = []
    for line in text.splitlines():
        title = re.fullmatch(r"(error|warning|note)\[(GCF\d+)\]: (?:([\w-]+): )?(.*)", line)
        if title:
            found.append(Finding(*title.groups()))
        elif found and found[-1].place is None and line.startswith("  --> "):
            found[-1].place = line[6:]
        elif found and line.startswith("  = help: "):
            found[-1].help = line[10:]
    return found


class Finding:
    """One located message."""

    def __init__(self, severity, code, setting, message):
        self.severity, self.code, self.setting, self.message = severity, code, setting, message
        self.place = self.help = None

    @property
    def name(self):
        return CODE_NAMES[self.code]

    @property
    def line(self):
        """file:line, or what the source is called; "default" without a place."""
        if self.place is None:
            return "default"
        place = re.sub(r"(, argument \d+)?( \(from [^)]*\))?$", "", self.place)
        return re.sub(r"(:\d+):\d+$", r"\1", place)


def read_code_names():
    text = (ROOT / "schema" / "diagnostics.yaml").read_text()
    pairs = re.findall(r"^- code: (GCF\d+)\n  id: (\w+)$", text, re.M)
    return {code: name.replace("_", "-") for code, name in pairs}


CODE_NAMES = read_code_names()
