"""Tables of what was measured, as text or Markdown, and the gates: what a build has to reach."""

import dataclasses


def _cell(row, figure, form):
    return form % row[figure] if figure in row else "–"


def rows(case, figures, titles):
    """The table of one case, headings first."""
    columns = [column for column in case.columns if any(column[0] in row for row in figures.values())]
    noted = any(row.get("note") for row in figures.values())
    yield ["server"] + [heading for _, heading, _ in columns] + ["note"] * noted
    for name, row in figures.items():
        yield [titles[name]] + [_cell(row, figure, form) for figure, _, form in columns] + [row.get("note", "")] * noted


def as_text(table):
    table = list(table)
    widths = [max(map(len, column)) for column in zip(*table)]
    for line in table:
        yield "  ".join([line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])])


def as_markdown(table):
    for number, line in enumerate(table):
        yield "| %s |" % " | ".join(line)
        if number == 0:
            yield "|---|" + "---:|" * (len(line) - 1)


@dataclasses.dataclass(frozen=True)
class Gate:
    """An upper or lower bound of one figure."""

    title: str
    case: str
    server: str
    figure: str
    bound: float = None
    ratio: float = None  # to nginx's constant
    ratio_case: str = None  # nginx's figure of this case; of the same by default
    at_least: bool = False
    unit: str = "µs"

    def judge(self, results):
        """[title, bound, figure, bound of the ratio, ratio, verdict], or None when it was not measured."""
        measured = results.get(self.case, {}).get(self.server, {}).get(self.figure)
        if measured is None:
            return None
        bound = self.bound_of(results)
        reference = results.get(self.ratio_case or self.case, {}).get("nginx", {}).get("cpu")
        ratio = measured / reference if self.ratio and reference else None
        if bound is None and ratio is None:
            return None
        met = bound is None or (measured >= bound if self.at_least else measured <= bound)
        met_ratio = ratio is None or ratio <= self.ratio * 1.005  # as printed
        verdict = "reached" if met and met_ratio else "reached as a ratio" if ratio and met_ratio else "missed"
        bound_text = "%g %s" % (round(bound, 1), self.unit) if bound is not None else "–"
        measured_text = "%.1f" % measured if measured < 1000 else "%.0f" % measured
        return [self.title, bound_text, measured_text, "%.1f" % self.ratio if self.ratio else "–",
                "%.2f" % ratio if ratio else "–", verdict]

    def bound_of(self, results):
        return self.bound


class OverLoop(Gate):
    """A framework: within 10 % of the application's own cost in the same interpreter and what hello may cost."""

    def bound_of(self, results):
        alone = results[self.case].get("alone")
        return 1.1 * (alone["cpu"] + 9.5) if alone else None


class ThirdOfGthread(Gate):
    def bound_of(self, results):
        peer = results[self.case].get("gunicorn-gthread", {}).get(self.figure)
        return peer / 3 if peer else None


def gates():
    cpu = [
        Gate("hello keep-alive", "hello", "sync", "cpu", 9.5, 1.1),
        Gate("hello, access log on", "log", "sync", "cpu", 10.5, 1.2),
        Gate("browser-like headers", "browser", "sync", "cpu", 11, 1.3),
        Gate("new connection per request", "close", "sync", "cpu", 36, 1.2),
        Gate("64 KiB response", "64k", "sync", "cpu", 32, 1.2),
        Gate("16 KiB POST read by the application", "post16k", "sync", "cpu", 16, 1.1),
        OverLoop("Flask hello, against 1.1 × (the application alone + 9.5)", "flask", "sync", "cpu"),
        OverLoop("Django hello, against 1.1 × (the application alone + 9.5)", "django", "sync", "cpu"),
        Gate("gthread hello (8 threads)", "hello", "gthread", "cpu", 12, 1.4),
        Gate("two workers, hello", "hello2w", "sync", "cpu", 11, 1.3),
        Gate("TLS hello, sync, against itself without TLS", "tls-hello", "sync", "to_plain", 2, unit="times"),
        Gate("TLS hello, gthread, against itself without TLS", "tls-hello", "gthread", "to_plain", 2, unit="times"),
        Gate("TLS, a full handshake per request", "tls-new", "sync", "cpu", ratio=1.3),
        Gate("TLS, a resumed session per request", "tls-resumed", "sync", "cpu", ratio=1.3),
        Gate("TLS, 64 KiB response", "tls-64k", "sync", "cpu", ratio=1.3),
    ]
    others = [
        Gate("busy thread in the application, " + server, "background", server, "rate", 20000, at_least=True,
             unit="requests/s") for server in ("sync", "gthread")
    ]
    for server in ("sync", "gthread"):
        title = "p99.9 at half load, %s, against a third of gunicorn gthread's" % server
        others.append(ThirdOfGthread(title, "latency", server, "p999"))
    for case in ("slow-heads", "slow-1m", "slow-8m", "slow-bodies"):
        for server in ("sync", "gthread"):
            title = "%s, %s" % (case, server)
            others += [Gate(title + ": answered", case, server, "answered", 100, at_least=True, unit="%"),
                       Gate(title + ": p99", case, server, "p99", 20000),
                       Gate(title + ": PSS", case, server, "pss", 100, unit="MB")]
    others += [Gate("start to first 200, median", "start", "sync", "median", 60, unit="ms"),
               Gate("memory, master and one worker", "memory", "sync", "total", 25, unit="MB")]
    return cpu + others


def judged(results):
    """The table of the gates that this run measured, headings first; empty when none."""
    lines = [line for line in (gate.judge(results) for gate in gates()) if line]
    return [["gate", "bound", "measured", "ratio bound", "ratio to nginx", ""]] + lines if lines else []
