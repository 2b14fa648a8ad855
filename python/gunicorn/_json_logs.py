"""Lines of the logs as JSON, with the fields that the native core writes (docs/logging.md)."""

import datetime
import json
import logging
import os


def _time(timestamp):
    return datetime.datetime.fromtimestamp(timestamp).astimezone().isoformat(timespec="microseconds")


class JsonFormatter(logging.Formatter):
    """One object a record: time, level, pid, logger, message; exc_info and stack_info where there are any."""

    def format(self, record):
        fields = {
            "time": _time(record.created),
            "level": record.levelname,
            "pid": record.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exc_info"] = self.formatException(record.exc_info)
        if record.stack_info:
            fields["stack_info"] = self.formatStack(record.stack_info)
        return json.dumps(fields, separators=(",", ":"))


def error_formatter(cfg, text_formatter):
    """The formatter of the error log that `log_format` asks for."""
    return JsonFormatter() if cfg.log_format == "json" else text_formatter


def _bytes_as_text(value):
    """WSGI's text of one character a byte, as the UTF-8 that it mostly is."""
    try:
        return value.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return value


def access_line(logger, resp, req, environ, request_time):
    """The line of access_log_format = "json", of what Logger.access() is called with."""
    atoms = logger.atoms(resp, req, environ, request_time)

    def text(value):
        return _bytes_as_text(value) if isinstance(value, str) else None

    status = str(atoms["s"])
    fields = {
        "time": _time(datetime.datetime.now().timestamp()),
        "remote_addr": environ.get("REMOTE_ADDR") or None,
        "user": None if atoms["u"] == "-" else atoms["u"],
        "method": text(environ.get("REQUEST_METHOD")),
        "target": text(environ.get("RAW_URI")),
        "path": text(environ.get("PATH_INFO")),
        "query": text(environ.get("QUERY_STRING")),
        "protocol": text(environ.get("SERVER_PROTOCOL")),
        "status": int(status) if status.isdigit() else None,
        "bytes": atoms["B"],
        "duration": round(request_time.total_seconds(), 6),
        "referer": text(environ.get("HTTP_REFERER")),
        "user_agent": text(environ.get("HTTP_USER_AGENT")),
        "pid": os.getpid(),
    }
    return json.dumps(fields, separators=(",", ":"))
