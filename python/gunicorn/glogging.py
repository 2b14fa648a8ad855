"""Loggers `gunicorn.error` and `gunicorn.access` as real standard library loggers.

The server itself writes natively while the logger class is this one; subclasses are called for every line.
"""

import base64
import binascii
import logging
import os
import sys
import threading
import time

from gunicorn import _json_logs

SHORT_NAMES = {"simple": "gunicorn.glogging.Logger"}


class SafeAtoms(dict):
    """Atoms of the access log: quotes are escaped, what is missing is "-", `{header}i` and its kin ignore case."""

    def __init__(self, atoms):
        super().__init__()
        for key, value in atoms.items():
            self[key] = value.replace('"', '\\"') if isinstance(value, str) else value

    def __getitem__(self, key):
        if key.startswith("{"):
            key = key.lower()
        return super().get(key, "-")


class Logger:
    """Gunicorn's logger interface."""

    LOG_LEVELS = {
        "critical": logging.CRITICAL,
        "error": logging.ERROR,
        "warning": logging.WARNING,
        "info": logging.INFO,
        "debug": logging.DEBUG,
    }
    loglevel = logging.INFO
    error_fmt = r"%(asctime)s [%(process)d] [%(levelname)s] %(message)s"
    datefmt = r"[%Y-%m-%d %H:%M:%S %z]"
    access_fmt = "%(message)s"
    syslog_fmt = "[%(process)d] %(message)s"
    atoms_wrapper_class = SafeAtoms

    def __init__(self, cfg):
        self.error_log = logging.getLogger("gunicorn.error")
        self.error_log.propagate = False
        self.access_log = logging.getLogger("gunicorn.access")
        self.access_log.propagate = False
        self.error_handlers = []
        self.access_handlers = []
        self.logfile = None
        self.lock = threading.Lock()
        self.cfg = cfg
        self.setup(cfg)

    def setup(self, cfg):
        self.loglevel = self.LOG_LEVELS.get(cfg.loglevel.lower(), logging.INFO)
        self.error_log.setLevel(self.loglevel)
        self.access_log.setLevel(logging.INFO)
        formatter = _json_logs.error_formatter(cfg, logging.Formatter(self.error_fmt, self.datefmt))
        self._set_handler(self.error_log, cfg.errorlog, formatter, sys.stderr)
        self.access_log_enabled = cfg.accesslog is not None
        if self.access_log_enabled:
            self._set_handler(self.access_log, cfg.accesslog, logging.Formatter(self.access_fmt), sys.stdout)

    def critical(self, msg, *args, **kwargs):
        self.error_log.critical(msg, *args, **kwargs)

    def error(self, msg, *args, **kwargs):
        self.error_log.error(msg, *args, **kwargs)

    def warning(self, msg, *args, **kwargs):
        self.error_log.warning(msg, *args, **kwargs)

    def info(self, msg, *args, **kwargs):
        self.error_log.info(msg, *args, **kwargs)

    def debug(self, msg, *args, **kwargs):
        self.error_log.debug(msg, *args, **kwargs)

    def exception(self, msg, *args, **kwargs):
        self.error_log.exception(msg, *args, **kwargs)

    def log(self, lvl, msg, *args, **kwargs):
        if isinstance(lvl, str):
            lvl = self.LOG_LEVELS.get(lvl.lower(), logging.INFO)
        self.error_log.log(lvl, msg, *args, **kwargs)

    def now(self):
        """The date of the access log, in the Apache common log format."""
        return time.strftime("[%d/%b/%Y:%H:%M:%S %z]")

    def atoms(self, resp, req, environ, request_time):
        """The values of an access line by the names of the format."""
        status = resp.status
        if isinstance(status, str):
            status = status.split(None, 1)[0]
        seconds = request_time.seconds + request_time.days * 86400
        atoms = {
            "h": environ.get("REMOTE_ADDR", "-"),
            "l": "-",
            "u": self._get_user(environ) or "-",
            "t": self.now(),
            "r": "%s %s %s" % (environ["REQUEST_METHOD"], environ["RAW_URI"], environ["SERVER_PROTOCOL"]),
            "s": status,
            "m": environ.get("REQUEST_METHOD"),
            "U": environ.get("PATH_INFO"),
            "q": environ.get("QUERY_STRING"),
            "H": environ.get("SERVER_PROTOCOL"),
            "b": str(resp.sent) if getattr(resp, "sent", None) is not None else "-",
            "B": getattr(resp, "sent", None),
            "f": environ.get("HTTP_REFERER", "-"),
            "a": environ.get("HTTP_USER_AGENT", "-"),
            "T": seconds,
            "D": seconds * 1000000 + request_time.microseconds,
            "M": seconds * 1000 + request_time.microseconds // 1000,
            "L": "%d.%06d" % (seconds, request_time.microseconds),
            "p": "<%s>" % os.getpid(),
        }
        headers = req.headers if hasattr(req, "headers") else req
        headers = headers.items() if hasattr(headers, "items") else headers
        atoms.update({"{%s}i" % name.lower(): value for name, value in headers})
        answered = resp.headers.items() if hasattr(resp.headers, "items") else resp.headers
        atoms.update({"{%s}o" % name.lower(): value for name, value in answered})
        atoms.update({"{%s}e" % name.lower(): value for name, value in environ.items()})
        return atoms

    def access(self, resp, req, environ, request_time):
        """Writes one access line. `request_time` is a timedelta."""
        if not self.access_log_enabled:
            return
        if self.cfg.access_log_format == "json":
            self.access_log.info("%s", _json_logs.access_line(self, resp, req, environ, request_time))
            return
        atoms = self.atoms_wrapper_class(self.atoms(resp, req, environ, request_time))
        try:
            self.access_log.info(self.cfg.access_log_format, atoms)
        except Exception:
            self.exception("access line could not be written")

    def reopen_files(self):
        """Opens log files anew (USR1). One that cannot be opened stays as it is."""
        for handler in self.error_log.handlers + self.access_log.handlers:
            if not isinstance(handler, logging.FileHandler):
                continue
            handler.acquire()
            try:
                old, handler.stream = handler.stream, handler._open()
                if old:
                    old.close()
                self._give_away(handler.baseFilename)
            except OSError as error:
                self.error("log file %s cannot be reopened: %s", handler.baseFilename, error)
            finally:
                handler.release()

    def _give_away(self, path):
        """A file that root has made belongs to the user that the workers run as, who has to open it too."""
        if os.geteuid() == 0 and (self.cfg.uid, self.cfg.gid) != (0, os.getegid()):
            os.chown(path, self.cfg.uid, self.cfg.gid)

    def close_on_exec(self):
        """Log files are opened close-on-exec by Python itself."""

    def _get_user(self, environ):
        kind, _, credentials = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            return base64.b64decode(credentials.strip(), validate=True).decode("utf-8").partition(":")[0]
        except (ValueError, binascii.Error):
            return None

    def _set_handler(self, log, output, formatter, stream):
        for handler in [h for h in log.handlers if getattr(h, "_gunicorn", False)]:
            log.removeHandler(handler)
        if output is None:
            return
        if output == "-":
            handler = logging.StreamHandler(stream)
        else:
            handler = logging.FileHandler(output)
            self._give_away(output)
        handler.setFormatter(formatter)
        handler._gunicorn = True
        log.addHandler(handler)

    # What the native core asks.

    @property
    def _uses_python_access(self):
        """Whether access lines must come from this object: any class but the stock one."""
        return type(self) is not Logger and bool(getattr(self, "access_log_enabled", False))

    def _native_access(self, resp, req, environ, seconds):
        from datetime import timedelta

        if resp is not None:
            self.access(resp, req, environ, timedelta(seconds=seconds))


def _set_up_again(logger, cfg):
    """The logger of a reloaded configuration: the same object where its class is the same. Called by the native core."""
    logger_class = cfg.logger_class
    if type(logger) is not logger_class:
        return logger_class(cfg)
    logger.cfg = cfg
    logger.setup(cfg)
    return logger
