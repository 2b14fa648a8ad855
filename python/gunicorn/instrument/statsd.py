"""A logger that sends metrics to statsd (`statsd_host`), with Gunicorn's interface.

It is the logger class while `statsd_host` is set and `logger_class` is the default one. The server then counts requests and
its own log lines natively; what hooks and the application log goes through this class. A subclass is called for everything.
"""

import logging
import os
import socket

from gunicorn import glogging
from gunicorn.glogging import Logger

METRIC_VAR = "metric"
VALUE_VAR = "value"
MTYPE_VAR = "mtype"
GAUGE_TYPE = "gauge"
COUNTER_TYPE = "counter"
HISTOGRAM_TYPE = "histogram"
TIMER_TYPE = "timer"


class Statsd(Logger):
    """A log line with `extra={"metric": name, "value": number, "mtype": type}` is a metric as well."""

    sock = None
    prefix = ""
    dogstatsd_tags = ""
    _measured_for = None

    def __init__(self, cfg):
        super().__init__(cfg)
        self._measure_for(cfg)

    def setup(self, cfg):
        super().setup(cfg)
        self._measure_for(cfg)

    def critical(self, msg, *args, **kwargs):
        super().critical(msg, *args, **kwargs)
        self.increment("gunicorn.log.critical", 1)

    def error(self, msg, *args, **kwargs):
        super().error(msg, *args, **kwargs)
        self.increment("gunicorn.log.error", 1)

    def warning(self, msg, *args, **kwargs):
        super().warning(msg, *args, **kwargs)
        self.increment("gunicorn.log.warning", 1)

    def exception(self, msg, *args, **kwargs):
        super().exception(msg, *args, **kwargs)
        self.increment("gunicorn.log.exception", 1)

    def info(self, msg, *args, **kwargs):
        self.log(logging.INFO, msg, *args, **kwargs)

    def debug(self, msg, *args, **kwargs):
        self.log(logging.DEBUG, msg, *args, **kwargs)

    def log(self, lvl, msg, *args, **kwargs):
        """Sends the metric that `extra` describes; the line is written when there is a message."""
        try:
            self._send_extra(kwargs.get("extra") or {})
            if msg:
                super().log(lvl, msg, *args, **kwargs)
        except Exception:
            Logger.warning(self, "Failed to log to statsd", exc_info=True)

    def access(self, resp, req, environ, request_time):
        """Writes the access line; measures the request unless the server has done so. `request_time` is a timedelta."""
        super().access(resp, req, environ, request_time)
        if type(self) is Statsd:
            return
        status = resp.status
        if isinstance(status, str):
            status = int(status.split(None, 1)[0])
        whole_seconds = request_time.days * 86400 + request_time.seconds
        self.timer("gunicorn.request.duration", whole_seconds * 1000 + request_time.microseconds / 1000)
        self.increment("gunicorn.requests", 1)
        self.increment("gunicorn.request.status.%d" % status, 1)

    def gauge(self, name, value):
        self._sock_send("%s%s:%s|g" % (self.prefix, name, value))

    def increment(self, name, value, sampling_rate=1.0):
        self._sock_send("%s%s:%s|c|@%s" % (self.prefix, name, value, sampling_rate))

    def decrement(self, name, value, sampling_rate=1.0):
        self._sock_send("%s%s:-%s|c|@%s" % (self.prefix, name, value, sampling_rate))

    def timer(self, name, value):
        self._sock_send("%s%s:%s|ms" % (self.prefix, name, value))

    def histogram(self, name, value):
        self._sock_send("%s%s:%s|h" % (self.prefix, name, value))

    def _sock_send(self, msg):
        """One datagram. Never waits: what cannot be sent at once is lost."""
        if self.sock is None:
            return
        if isinstance(msg, str):
            msg = msg.encode("utf-8", "replace")
        if self.dogstatsd_tags:
            msg += b"|#" + self.dogstatsd_tags.encode("utf-8", "replace")
        try:
            self.sock.sendto(msg, self._address)
        except OSError:
            pass

    def _send_extra(self, extra):
        name, value, kind = extra.get(METRIC_VAR), extra.get(VALUE_VAR), extra.get(MTYPE_VAR)
        if not name or value is None:
            return
        senders = {
            GAUGE_TYPE: self.gauge,
            COUNTER_TYPE: self.increment,
            HISTOGRAM_TYPE: self.histogram,
            TIMER_TYPE: self.timer,
        }
        if kind in senders:
            senders[kind](name, value)

    def _measure_for(self, cfg):
        """Once for a configuration: a subclass may have a setup() that does not call ours."""
        if self._measured_for is cfg:
            return
        self._measured_for = cfg
        prefix = cfg.statsd_prefix.rstrip(".")
        self.prefix = prefix and prefix + "."
        self.dogstatsd_tags = cfg.dogstatsd_tags
        self._open_socket(cfg.statsd_host)

    def _open_socket(self, host):
        """Without a host, or with one that cannot be resolved, nothing is sent."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None
        if host is None:
            return
        try:
            if isinstance(host, str):
                family, self._address = socket.AF_UNIX, os.path.abspath(host)
            else:
                family, self._address = _resolved(*host)
            self.sock = socket.socket(family, socket.SOCK_DGRAM)
            self.sock.setblocking(False)
        except OSError as error:
            Logger.warning(self, "statsd_host: %s: hooks and the application send no metrics", error)


glogging._STOCK_CLASSES[Statsd] = dict(vars(Statsd))


def _resolved(host, port):
    """(family, address); an IPv4 one where there is one, as for the server's own metrics."""
    found = socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_DGRAM)
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, address


def _kind_of(logger):
    """For the native core, who counts requests and lines: "stock" is the core, "statsd" this logger, "other" nobody."""
    if type(logger) in (Logger, Statsd):
        return "stock"
    return "statsd" if isinstance(logger, Statsd) else "other"
