"""Loggers `gunicorn.error` and `gunicorn.access` as real standard library loggers.

The server itself writes natively while all of this is as it was made (`_choice`); otherwise every line comes through here.
"""

import base64
import binascii
import datetime
import fcntl
import logging
import os
import re
import sys
import threading
import time
import traceback

from gunicorn import _json_logs, _log_config

SHORT_NAMES = {"simple": "gunicorn.glogging.Logger"}

# What logconfig_dict and logconfig_json replace key by key.
CONFIG_DEFAULTS = {
    "version": 1,
    "disable_existing_loggers": False,
    "root": {"level": "INFO", "handlers": ["console"]},
    "loggers": {
        "gunicorn.error": {
            "level": "INFO", "handlers": ["error_console"], "propagate": True, "qualname": "gunicorn.error",
        },
        "gunicorn.access": {
            "level": "INFO", "handlers": ["console"], "propagate": True, "qualname": "gunicorn.access",
        },
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stdout"},
        "error_console": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"},
    },
    "formatters": {
        "generic": {
            "format": "%(asctime)s [%(process)d] [%(levelname)s] %(message)s",
            "datefmt": "[%Y-%m-%d %H:%M:%S %z]",
            "class": "logging.Formatter",
        },
    },
}  # fmt: skip

# RFC 5424, table 1, by the names that Python has for them.
SYSLOG_FACILITIES = {
    "auth": 4, "authpriv": 10, "cron": 9, "daemon": 3, "ftp": 11, "kern": 0, "lpr": 6, "mail": 2, "news": 7, "security": 4,
    "syslog": 5, "user": 1, "uucp": 8,
    "local0": 16, "local1": 17, "local2": 18, "local3": 19, "local4": 20, "local5": 21, "local6": 22, "local7": 23,
}  # fmt: skip


def loggers():
    """All loggers that exist, without the root logger."""
    return _log_config.all_loggers()[1:]


def parse_syslog_address(addr):
    """(socktype, address) of `unix://PATH[#stream|#dgram]`, `udp://HOST[:PORT]` or `tcp://HOST[:PORT]`.

    The type of a path without a suffix is None. RuntimeError says that it is nothing of these.
    """
    import socket

    scheme, found, rest = addr.partition("://")
    if scheme == "unix" and found:
        path, _, kind = rest.partition("#")
        kinds = {"": None, "stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM}
        if path and kind in kinds:
            return kinds[kind], path
    elif scheme in ("udp", "tcp") and found:
        host, port = _host_and_port(rest)
        if port.isascii() and port.isdigit() and 0 < int(port) < 65536:
            kind = socket.SOCK_DGRAM if scheme == "udp" else socket.SOCK_STREAM
            return kind, (host.lower() or "localhost", int(port))
    raise RuntimeError("invalid syslog address: %r" % addr)


def _host_and_port(text):
    if text.startswith("["):
        host, _, behind = text[1:].partition("]")
        return host, behind[1:] if behind.startswith(":") else behind or "514"
    host, colon, port = text.partition(":")
    return host, port if colon else "514"


_UNSAFE = re.compile(r'[^ !#-\[\]-~]')  # control characters, quotes, backslashes, what is not ASCII


def _escaped(found):
    char = found[0]
    if char in '"\\':
        return "\\" + char
    encoding = "latin-1" if ord(char) < 256 else "utf-8"  # texts of a request have a character for each byte
    return "".join("\\x%02x" % byte for byte in char.encode(encoding, "surrogatepass"))


class SafeAtoms(dict):
    """Atoms of the access log, so escaped that no client can forge a line or a field, as the native log escapes them.

    What is missing is "-"; `{header}i` and its kin ignore case.
    """

    def __init__(self, atoms):
        super().__init__()
        for key, value in atoms.items():
            self[key] = _UNSAFE.sub(_escaped, value) if isinstance(value, str) else value

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
        """Levels and handlers as the settings say. Called again for a reloaded configuration."""
        self.loglevel = self.LOG_LEVELS.get(cfg.loglevel.lower(), logging.INFO)
        self.error_log.setLevel(self.loglevel)
        self.access_log.setLevel(logging.INFO)
        self._capture_output(cfg)
        formatter = _json_logs.error_formatter(cfg, logging.Formatter(self.error_fmt, self.datefmt))
        self._set_handler(self.error_log, cfg.errorlog, formatter)
        self._set_handler(self.access_log, cfg.accesslog, logging.Formatter(self.access_fmt), sys.stdout)
        if cfg.syslog:
            self._set_syslog_handler(self.error_log, cfg, self.syslog_fmt, "error")
            if not cfg.disable_redirect_access_to_syslog:
                self._set_syslog_handler(self.access_log, cfg, self.syslog_fmt, "access")
        _log_config.apply(cfg, CONFIG_DEFAULTS)

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

    @property
    def access_log_enabled(self):
        """Whether any setting asks for an access log."""
        cfg = self.cfg
        to_syslog = cfg.syslog and not cfg.disable_redirect_access_to_syslog
        return bool(cfg.accesslog or _log_config.named_by(cfg) or to_syslog)

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
        """Opens log files anew (USR1), those of a logconfig too. One that cannot be opened stays as it is."""
        if self.logfile is not None:
            self._capture_output(self.cfg)
        seen = set()
        for handler in [one for log in _log_config.all_loggers() for one in log.handlers]:
            if isinstance(handler, logging.FileHandler) and id(handler) not in seen:
                seen.add(id(handler))
                self._reopen(handler)

    def _reopen(self, handler):
        handler.acquire()
        try:
            old, handler.stream = handler.stream, handler._open()
            if old:
                old.close()
            if hasattr(handler, "_statstream"):  # a WatchedFileHandler remembers which file it is
                handler._statstream()
            self._give_away(handler.baseFilename)
        except OSError as error:
            self.error("log file %s cannot be reopened: %s", handler.baseFilename, error)
        finally:
            handler.release()

    def _capture_output(self, cfg):
        """capture_output: standard output and standard error lead to the file of `errorlog`; else where they led before."""
        global _streams
        wanted = cfg.capture_output and cfg.errorlog not in (None, "-")
        if not wanted and _streams is None:
            return
        with self.lock:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            old, self.logfile = self.logfile, None
            if wanted:
                self.logfile = open(cfg.errorlog, "a+", encoding="utf-8")
                self._give_away(cfg.errorlog)
                if _streams is None:
                    _streams = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3) for number in (1, 2)]
                for number in (1, 2):
                    os.dup2(self.logfile.fileno(), number)
            else:
                for number, saved in zip((1, 2), _streams):
                    os.dup2(saved, number)
                    os.close(saved)
                _streams = None
            if old is not None:
                old.close()

    def _give_away(self, path):
        """A file that root has made belongs to the user that the workers run as, who has to open it too."""
        if os.geteuid() == 0 and (self.cfg.uid, self.cfg.gid) != (0, os.getegid()) and os.path.isfile(path):
            try:
                os.chown(path, self.cfg.uid, self.cfg.gid)
            except OSError:  # a file system without owners
                pass

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

    def _get_gunicorn_handler(self, log):
        """The handler that _set_handler() has made; None without one."""
        return next((h for h in log.handlers if _is_own(h) and not hasattr(h, "facility")), None)

    def _set_handler(self, log, output, fmt, stream=None):
        """The handler of a file, "-" for the stream (standard error by default), in place of the one before."""
        _take_away(log, self._get_gunicorn_handler(log))
        if output is None:
            return
        if output == "-":
            handler = logging.StreamHandler(stream)
        else:
            try:
                handler = logging.FileHandler(output)
            except OSError as error:
                raise RuntimeError("Error: '%s' isn't writable [%r]" % (output, error)) from error
            self._give_away(output)
        handler.setFormatter(fmt)
        handler._gunicorn = True
        handler._stock_formatter = fmt
        log.addHandler(handler)

    def _set_syslog_handler(self, log, cfg, fmt, name):
        """Sends the lines of `log` to syslog as well, as `gunicorn.PREFIX.NAME: LINE`."""
        from gunicorn._syslog import SyslogHandler

        for handler in log.handlers[:]:
            if _is_own(handler) and hasattr(handler, "facility"):
                _take_away(log, handler)
        # Percent signs of the name are no part of the format; a colon would end the name.
        prefix = (cfg.syslog_prefix or cfg.proc_name.replace(":", ".")).replace("%", "%%")
        facility = SYSLOG_FACILITIES.get(cfg.syslog_facility.lower())
        if facility is None:
            raise RuntimeError("unknown facility name: %r" % cfg.syslog_facility)
        kind, address = parse_syslog_address(cfg.syslog_addr)
        handler = SyslogHandler(address, facility, kind)
        handler.setFormatter(logging.Formatter("gunicorn.%s.%s: %s" % (prefix, name, fmt)))
        handler._gunicorn = True
        log.addHandler(handler)


def _is_own(handler):
    return getattr(handler, "_gunicorn", False)


def _take_away(log, handler):
    if handler is not None:
        log.removeHandler(handler)
        handler.close()


_streams = None  # where descriptors 1 and 2 led before capture_output
_STOCK = dict(vars(Logger))  # others may assign to the class: then it is not ours any more
_STOCK_CLASSES = {Logger: _STOCK}  # and Statsd, once it is imported


# What the native core asks.


def _choice(logger):
    """(whether the server may write by itself, whether access lines come from Python, the least level that is heard).

    The one place that decides. It writes by itself while the class, what is assigned to it, the two loggers, their handlers
    and the handlers' formatters are as they were made. Asked at fixed points: once a configuration is loaded, after
    on_starting, pre_fork, post_fork, and before a worker serves.
    """
    is_native = (
        type(logger) in _STOCK_CLASSES
        and all(vars(one).get(name) is value for one, stock in _STOCK_CLASSES.items() for name, value in stock.items())
        and not _STOCK.keys() & vars(logger).keys() - {"loglevel"}
        and not logger.cfg.syslog
        and _log_config.named_by(logger.cfg) is None
        and _is_untouched(logger.error_log, logger.loglevel)
        and _is_untouched(logger.access_log, logging.INFO)
    )
    # An access() of somebody else decides by itself whether there is an access log.
    stock = _STOCK_CLASSES.get(type(logger), _STOCK)
    has_own_access = getattr(type(logger), "access", None) is not stock["access"] or "access" in vars(logger)
    logs_access = not is_native and (has_own_access or logger.access_log_enabled)
    return is_native, logs_access, _least_level(logger)


def _is_untouched(log, level):
    as_made = (level, False, False, [])
    return (log.level, log.propagate, log.disabled, log.filters) == as_made and all(map(_is_stock, log.handlers))


def _is_stock(handler):
    return (
        type(handler) in (logging.StreamHandler, logging.FileHandler)
        and _is_own(handler)
        and handler.formatter is getattr(handler, "_stock_formatter", None)
        and handler.level == logging.NOTSET
        and not handler.filters
    )


def _least_level(logger):
    """The level below which no method of the logger does anything; 0 where that is not known."""
    try:
        least = logger.error_log.getEffectiveLevel()
    except Exception:  # not a logger of the standard library
        return 0
    for name, level in Logger.LOG_LEVELS.items():
        if getattr(type(logger), name, None) is not _STOCK[name] or name in vars(logger):
            least = min(least, level)
    return least if isinstance(least, int) else 0


def _native_access(logger, resp, req, environ, seconds):
    """One access line of a request that the application answered. What the logger raises costs that line."""
    try:
        logger.access(resp, req, environ, datetime.timedelta(seconds=seconds))
    except Exception:
        _complain(logger)


def _complain(logger):
    """Once for each logger; there may be thousands of lines a second."""
    if vars(logger).setdefault("_has_complained", False):
        return
    logger._has_complained = True
    try:
        logger.exception("Access lines are lost: %s.access raises", type(logger).__name__)
    except Exception:
        traceback.print_exc()


def _set_up_again(logger, cfg):
    """The logger of a reloaded configuration: the same object where its class is the same.

    When it raises, all loggers are what they were. Called by the native core.
    """
    before = _log_config.LoggingState()
    try:
        _log_config.undo()
        for log in map(logging.getLogger, ("gunicorn.error", "gunicorn.access")):
            log.handlers[:] = [handler for handler in log.handlers if not _is_own(handler)]
        if type(logger) is not cfg.logger_class:
            logger = cfg.logger_class(cfg)
        else:
            logger.cfg = cfg
            vars(logger).pop("_has_complained", None)
            logger.setup(cfg)
    except BaseException:
        before.put_back()
        raise
    before.close_abandoned()
    return logger


def _check(cfg):
    """For a check: what is wrong with logconfig and its kin, as (setting, reason), or None."""
    return _log_config.check(cfg, CONFIG_DEFAULTS)
