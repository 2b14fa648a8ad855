"""A statsd server of a test: it keeps what it was sent, and adds it up."""

import collections
import re
import socket

from server_process import wait_until

LINE = re.compile(r"(?P<name>[^:|\n]+):(?P<value>-?[0-9.]+)\|(?P<kind>c|g|ms|h)(\|@1\.0)?(\|#(?P<tags>[^|\n]*))?")


class Metric:
    def __init__(self, line):
        found = LINE.fullmatch(line)
        assert found, "no line of statsd: %r" % line
        self.name, self.value, self.kind = found["name"], float(found["value"]), found["kind"]
        self.tags = found["tags"]


class Daemon:
    """Reads when it is asked to. `address` is (host, port), or the path of a unix socket."""

    def __init__(self, address=("127.0.0.1", 0)):
        self.is_path = isinstance(address, str)
        family = socket.AF_UNIX if self.is_path else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        if not self.is_path:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(address)
        self.datagrams = []

    @property
    def host(self):
        """As statsd_host has it."""
        address = self.socket.getsockname()
        if self.is_path:
            return "unix://" + address
        return ("[%s]:%d" if ":" in address[0] else "%s:%d") % address[:2]

    def metrics(self):
        """Everything that has come."""
        while True:
            try:
                self.datagrams.append(self.socket.recv(65536).decode())
            except BlockingIOError:
                return [Metric(line) for datagram in self.datagrams for line in datagram.split("\n")]

    def values(self, name):
        return [metric.value for metric in self.metrics() if metric.name == name]

    def counters(self):
        sums = collections.Counter()
        for metric in self.metrics():
            if metric.kind == "c":
                sums[metric.name] += metric.value
        return sums

    def wait_for(self, name, value):
        """Until the counter has that value, or somebody measured it."""

        def arrived():
            return self.counters()[name] == value or any(
                metric.name == name and metric.kind != "c" and metric.value == value for metric in self.metrics()
            )

        wait_until(arrived, lambda: "%s:%s in %s" % (name, value, self.datagrams[-20:]))

    def close(self):
        self.socket.close()
