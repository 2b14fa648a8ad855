"""What is measured. A case starts its servers, measures them in interleaved rounds, and gives figures for each."""

import contextlib
import dataclasses
import os
import statistics
import time

import accounting
import load
from load import Load
from servers import Server, Setup
from slow_clients import IdleClients, SlowClients

OURS = ("sync", "gthread")
GUNICORN = ("gunicorn-sync", "gunicorn-gthread", "gunicorn-gevent")
ALL = OURS + GUNICORN + ("uwsgi", "waitress", "nginx")
PYTHON = ALL[:-1]
TLS = OURS + GUNICORN + ("nginx",)


@dataclasses.dataclass(frozen=True)
class Effort:
    rounds: int = 5
    seconds: float = 0.6


class Case:
    """Subclasses have `measure(kinds, effort)`: server name -> figures."""

    columns = ()  # (figure, heading, format)
    essential = ""  # the figure that is there if anything was measured

    def __init__(self, name, title, servers, setup=Setup()):
        self.name = name
        self.title = title
        self.servers = servers
        self.setup = setup

    @contextlib.contextmanager
    def running(self, kinds, setup=None):
        """All servers of the case at once, each ready: who is not asked costs nothing."""
        with contextlib.ExitStack() as stack:
            found = {}
            for kind in kinds:
                server = found[kind.name] = Server(kind, setup or self.setup)
                stack.callback(server.stop)
                server.wait_until_ready()
            yield found


def failures(report):
    return report["refused"] + report["broken"] + report["bad_status"]


def resumed(report):
    return report["resumed"] / max(1, report["handshakes"])


def note(rejected, starved):
    """What was odd about the rounds of a server, in a word."""
    odd = []
    if rejected:
        odd.append("%d rounds rejected" % rejected)
    if starved:
        odd.append("%d connections starved" % starved)
    return ", ".join(odd)


class CpuCase(Case):
    """CPU of the server per request, as fast as answers come."""

    columns = (("rate", "requests/s", "%.0f"), ("cpu", "CPU µs/request", "%.1f"), ("median", "median", "%.1f"),
               ("user", "user", "%.1f"), ("system", "system", "%.1f"), ("ratio", "ratio to nginx", "%.2f"),
               ("resumed", "resumed %", "%.1f"))
    essential = "cpu"

    def __init__(self, name, title, servers, asked=Load(), setup=Setup(), idle=0, alone=None):
        super().__init__(name, title, servers, setup)
        self.asked = asked
        self.idle = idle
        self.alone = alone  # the application that is also called in a loop in our interpreter

    def measure(self, kinds, effort):
        loops = []
        with self.running(kinds) as servers, self._looping(kinds) as loop:
            rounds = {name: [] for name in servers}
            for number in range(effort.rounds + 1):
                for name, server in servers.items():
                    # The first round fills caches and is not counted.
                    rounds[name].append(self._round(server, effort.seconds if number else 0.2))
                if loop:
                    loops.append(float(load.fetch(loop.port, "/?%g" % effort.seconds)))
        figures = {name: self._figures(counted[1:]) for name, counted in rounds.items()}
        reference = figures.get("nginx", {}).get("cpu")
        for row in figures.values():
            if reference and "cpu" in row:
                row["ratio"] = row["cpu"] / reference
        if loops:
            figures["alone"] = {"cpu": min(loops), "median": statistics.median(loops)}
        return figures

    @contextlib.contextmanager
    def _looping(self, kinds):
        """Our server with the application that calls the case's application in a loop; None where that is not asked."""
        ours = [kind for kind in kinds if kind.name == "sync"]
        if not self.alone or not ours:
            yield None
            return
        setup = Setup("alone:app", environment=(("BENCH_APP", self.alone),))
        with self.running(ours, setup) as servers:
            yield servers["sync"]

    def _round(self, server, seconds):
        with IdleClients(server.port, self.idle) as idle:
            before = accounting.cpu(server.pid)
            report = load.ask(server.port, self.asked, seconds, patience=0.5, tls=server.tls)
            used = accounting.cpu(server.pid) - before
            report["idle_closed"] = self.idle - idle.still_open()
        return report, used

    def _figures(self, counted):
        good = [(report, used) for report, used in counted if self._is_good(report)]
        figures = {"note": note(len(counted) - len(good), max(report["starved"] for report, _ in counted))}
        if self.asked.resume:
            figures["resumed"] = 100 * min(resumed(report) for report, _ in counted)
        if not good:
            return figures
        each = [used.seconds * 1e6 / report["answered"] for report, used in good]
        ticks = sum(used.user + used.system for _, used in good) or 1
        share = sum(used.user for _, used in good) / ticks
        closed = max(report["idle_closed"] for report, _ in good)
        if closed:
            figures["note"] += " %d idle connections closed" % closed
        best = min(each)
        return dict(figures, rate=max(report["rate"] for report, _ in good), cpu=best, median=statistics.median(each),
                    user=best * share, system=best * (1 - share))

    def _is_good(self, report):
        # The first connection of each slot has nothing to resume.
        as_asked = not self.asked.resume or resumed(report) > 0.9
        return as_asked and not failures(report) and report["answered"]


class BesidePlainCase(CpuCase):
    """Over TLS or with statsd, and by the same servers without it, in the same rounds."""

    PLAIN = ", plain"  # behind the name of a server
    columns = CpuCase.columns + (("plain", "without it", "%.1f"), ("to_plain", "ratio to that", "%.2f"))

    @contextlib.contextmanager
    def running(self, kinds, setup=None):
        setup = setup or self.setup
        without = dataclasses.replace(setup, tls=False, statsd=False)
        with super().running(kinds, setup) as with_it, super().running(kinds, without) as plain:
            yield {**with_it, **{name + self.PLAIN: server for name, server in plain.items()}}

    def measure(self, kinds, effort):
        figures = super().measure(kinds, effort)
        for name in [kind.name for kind in kinds]:
            row, plain = figures[name], figures.pop(name + self.PLAIN).get("cpu")
            if plain and "cpu" in row:
                row.update(plain=plain, to_plain=row["cpu"] / plain)
        return figures


class RateCase(CpuCase):
    """Requests a second where CPU per request says nothing, since something else uses the CPU."""

    columns = (("rate", "requests/s, best", "%.0f"),)


class LatencyCase(Case):
    """Latency at a fixed rate, half of what the server can do at most, measured from the moment a request was due."""

    columns = (("at", "requests/s", "%.0f"), ("p50", "p50 µs", "%.0f"), ("p99", "p99 µs", "%.0f"),
               ("p999", "p99.9 µs", "%.0f"), ("median", "median p99.9", "%.0f"))
    essential = "p50"

    def measure(self, kinds, effort):
        reports = {kind.name: [] for kind in kinds}
        with self.running(kinds) as servers:
            half = {name: max(load.ask(server.port, Load(), effort.seconds)["rate"] for _ in range(2)) / 2
                    for name, server in servers.items()}
            for _ in range(effort.rounds):
                for name, server in servers.items():
                    reports[name].append(load.ask(server.port, Load(rate=half[name]), 2 * effort.seconds))
        return {name: self._figures(half[name], every) for name, every in reports.items()}

    @staticmethod
    def _figures(rate, every):
        good = [report for report in every if not failures(report) and report["answered"] == report["due"]]
        figures = {"at": rate, "note": note(len(every) - len(good), 0)}
        if good:
            figures.update({name: min(report[name] for report in good) for name in ("p50", "p99", "p999")})
            figures["median"] = statistics.median(report["p999"] for report in good)
        return figures


class SlowCase(Case):
    """200 slow clients, and a normal one that asks 200 times a second, each time over a new connection."""

    columns = (("answered", "answered %", "%.1f"), ("p50", "p50 µs", "%.0f"), ("p99", "p99 µs", "%.0f"),
               ("pss", "PSS MB, all processes", "%.0f"))
    essential = "answered"
    NORMAL = Load(rate=200, connections=64, reconnect=True, awake=False)

    def __init__(self, name, title, kind):
        super().__init__(name, title, OURS + GUNICORN + ("uwsgi",), Setup("bodies:app", workers=2, pinned=False))
        self.kind = kind

    def measure(self, kinds, effort):
        return {kind.name: self._one(kind, effort) for kind in kinds}

    def _one(self, kind, effort):
        with self.running([kind]) as servers:
            server = servers[kind.name]
            with SlowClients(server.port, self.kind, 200) if self.kind else contextlib.nullcontext():
                report = load.ask(server.port, self.NORMAL, max(2, 2 * effort.rounds * effort.seconds))
                pss = accounting.total_pss(server.pid)
        good = max(0, report["answered"] - report["bad_status"])
        return {"answered": 100 * good / report["due"], "p50": report["p50"], "p99": report["p99"], "pss": pss}


class StartCase(Case):
    """From exec to the first 200."""

    columns = (("best", "best ms", "%.0f"), ("median", "median ms", "%.0f"))
    essential = "best"

    def measure(self, kinds, effort):
        times = {kind.name: [] for kind in kinds}
        for _ in range(4 * effort.rounds):
            for kind in kinds:
                begin = time.perf_counter()
                with self.running([kind]):
                    times[kind.name].append((time.perf_counter() - begin) * 1000)
        return {name: {"best": min(each), "median": statistics.median(each)} for name, each in times.items()}


class MemoryCase(Case):
    """After some thousand requests; what a further worker costs comes from a second start with three."""

    columns = (("master", "master PSS", "%.1f"), ("master_rss", "RSS", "%.1f"), ("worker", "worker PSS", "%.1f"),
               ("worker_rss", "RSS", "%.1f"), ("total", "total PSS", "%.1f"), ("further", "a further worker", "%.1f"))
    essential = "total"

    def measure(self, kinds, effort):
        return {kind.name: self._one(kind) for kind in kinds}

    def _one(self, kind):
        processes, total = self._sizes(kind, self.setup)
        _, total_of_three = self._sizes(kind, dataclasses.replace(self.setup, workers=3, pinned=False))
        master, worker = processes[0], processes[-1]
        figures = {"worker": worker.pss, "worker_rss": worker.rss, "total": total}
        if len(processes) > 1:
            figures.update(master=master.pss, master_rss=master.rss, further=(total_of_three - total) / 2)
        return figures

    def _sizes(self, kind, setup):
        with self.running([kind], setup) as servers:
            server = servers[kind.name]
            load.ask(server.port, Load(connections=16, awake=False), 0.3)
            processes = [accounting.memory(pid) for pid in accounting.tree(server.pid)]
            return processes, sum(process.pss for process in processes)


def all_cases():
    bodies = Setup("bodies:app")
    close, browser = load.get(fields="Connection: close\n"), load.get(fields=load.BROWSER)
    cases = [
        CpuCase("hello", "hello, 64 kept connections", ALL),
        CpuCase("close", "hello, a new connection for each request", ALL, Load(close, reconnect=True)),
        CpuCase("64k", "a response of 64 KiB", ALL, Load(load.get("/64k")), bodies),
        CpuCase("post16k", "a POST of 16 KiB that the application reads", ALL, Load(load.post(16 << 10)), bodies),
        CpuCase("browser", "hello, the head of a browser: 10 fields, 800 bytes", ALL, Load(browser)),
        CpuCase("flask", "Flask hello", PYTHON, setup=Setup("flask_app:app"), alone="flask_app:app"),
        CpuCase("django", "Django hello", PYTHON, setup=Setup("django_app:app"), alone="django_app:app"),
        CpuCase("hello2w", "hello, two workers on both cores", ALL[:6] + ("nginx",), Load(awake=False),
                Setup(workers=2, pinned=False)),
        CpuCase("log", "hello, access log to a file", OURS + GUNICORN + ("nginx",), setup=Setup(access_log=True)),
        CpuCase("log-json", "hello, access log in JSON to a file", OURS,
                setup=Setup(access_log=True, access_log_format="json")),
        CpuCase("idle", "hello beside 1000 idle connections", OURS + GUNICORN[1:] + ("nginx",),
                setup=Setup(many_connections=True), idle=1000),
        BesidePlainCase("statsd", "hello, metrics to statsd over UDP", OURS + GUNICORN[:2], setup=Setup(statsd=True)),
        BesidePlainCase("tls-hello", "hello over TLS, 64 kept connections", TLS, setup=Setup(tls=True)),
        CpuCase("tls-new", "hello over TLS, a new connection and a full handshake for each request", TLS,
                Load(close, reconnect=True), Setup(tls=True)),
        CpuCase("tls-resumed", "hello over TLS, a new connection that resumes a session for each request", TLS,
                Load(close, reconnect=True, resume=True), Setup(tls=True)),
        CpuCase("tls-64k", "a response of 64 KiB over TLS", TLS, Load(load.get("/64k")), Setup("bodies:app", tls=True)),
        # A thread of gevent's would never give way, one of uWSGI's never run.
        RateCase("background", "hello beside a busy thread of the application", OURS + GUNICORN[:2] + ("waitress",),
                 setup=Setup("background:app")),
        LatencyCase("latency", "latency at half of each server's maximum", ALL),
        SlowCase("slow-none", "a normal client alone", None),
        SlowCase("slow-heads", "beside 200 that trickle a head", "heads"),
        SlowCase("slow-1m", "beside 200 that read 1 MiB at 1 KiB/s", "1m"),
        SlowCase("slow-8m", "beside 200 that read 8 MiB at 1 KiB/s", "8m"),
        SlowCase("slow-bodies", "beside 200 that send a body at 100 bytes/s", "bodies"),
        StartCase("start", "from exec to the first 200", PYTHON, Setup(pinned=False)),
        MemoryCase("memory", "memory, hello (MB)", ALL),
    ]
    return {case.name: case for case in cases}


def pin_to_last_core():
    """The harness and what it starts, but not the servers, leave core 0 alone."""
    os.sched_setaffinity(0, {os.cpu_count() - 1})
