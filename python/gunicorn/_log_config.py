"""logconfig, logconfig_json and logconfig_dict: applied, undone, and tried in a check."""

import builtins
import logging
import os

from gunicorn.errors import LogConfigError

_applied = None  # (state before, state after) of the configuration in force


def named_by(cfg):
    """The setting that configures logging: the strongest one that is given; None without one."""
    return next((name for name in ("logconfig_dict", "logconfig_json", "logconfig") if getattr(cfg, name)), None)


def apply(cfg, defaults):
    """Hands what the settings say to logging.config. LogConfigError says which setting it refuses and why."""
    global _applied
    name = named_by(cfg)
    if name is None:
        return
    before = LoggingState()
    try:
        _APPLY[name](getattr(cfg, name), defaults)
    except Exception as error:
        before.put_back()
        raise LogConfigError(name, _reason(error)) from error
    _applied = (before, LoggingState())


def undo():
    """Loggers that the configuration in force has changed become what they were, unless somebody changed them since."""
    global _applied
    if _applied is not None:
        before, after = _applied
        before.put_back(lambda logger: after.describes(logger))
        _applied = None


def _reason(error):
    """logging.config says which handler it could not make, and its cause why."""
    text = str(error) or type(error).__name__
    if error.__cause__ is not None and str(error.__cause__):
        text += ": %s" % error.__cause__
    return text if isinstance(error, (ValueError, OSError)) else "%s: %s" % (type(error).__name__, text)


def _merged(given, defaults):
    """Gunicorn: each key of the dictionary replaces that of CONFIG_DEFAULTS. What the defaults that are left refer to stays."""
    if not isinstance(given, dict):
        raise ValueError("not a dictionary but %s" % type(given).__name__)
    config = {**defaults, **given}
    for kind in ("handlers", "formatters"):
        if isinstance(given.get(kind), dict):
            config[kind] = {**defaults[kind], **given[kind]}
    if "loggers" not in given and "root" not in given:
        # Ours go to the handlers of the root logger as well: every line would be written twice.
        config["loggers"] = {name: {**one, "propagate": False} for name, one in defaults["loggers"].items()}
    return config


def _apply_dictionary(given, defaults):
    import logging.config  # takes a start some milliseconds

    logging.config.dictConfig(_merged(given, defaults))


def _apply_json(path, defaults):
    import json

    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    _apply_dictionary(given, defaults)


def _apply_ini(path, _defaults):
    import logging.config

    if not os.path.exists(path):
        raise FileNotFoundError("Error: log config '%s' not found" % path)
    here = {"__file__": path, "here": os.path.dirname(os.path.abspath(path))}
    logging.config.fileConfig(path, defaults=here, disable_existing_loggers=False)


_APPLY = {"logconfig_dict": _apply_dictionary, "logconfig_json": _apply_json, "logconfig": _apply_ini}


def all_loggers():
    """The root logger and every other one that exists."""
    existing = logging.root.manager.loggerDict.values()
    return [logging.root] + [one for one in list(existing) if isinstance(one, logging.Logger)]


class LoggingState:
    """What all loggers were at one moment."""

    _NEW = ([], [], logging.NOTSET, True, False)  # a logger that nobody has touched

    def __init__(self):
        self._states = {logger: self._state_of(logger) for logger in all_loggers()}

    @staticmethod
    def _state_of(logger):
        return (logger.handlers[:], logger.filters[:], logger.level, logger.propagate, logger.disabled)

    def describes(self, logger):
        return self._states.get(logger, self._NEW) == self._state_of(logger)

    def put_back(self, may_be=lambda logger: True):
        for logger in all_loggers():
            if self.describes(logger) or not may_be(logger):
                continue
            handlers, filters, level, propagate, disabled = self._states.get(logger, self._NEW)
            logger.handlers[:] = handlers
            logger.filters[:] = filters
            logger.setLevel(level)
            logger.propagate = propagate
            logger.disabled = disabled

    def close_abandoned(self):
        """Closes the handlers that no logger has any more."""
        in_use = {id(handler) for logger in all_loggers() for handler in logger.handlers}
        had = {id(handler): handler for state in self._states.values() for handler in state[0]}
        for number, handler in had.items():
            if number not in in_use:
                handler.close()


def check(cfg, defaults):
    """What logging.config refuses, as (setting, reason); None when it takes everything.

    For a process that only checks: the configuration is applied, and handlers that write files write to the null device
    instead, once it is known that they could open theirs. So nothing is made or cut off that belongs to a running server.
    """
    real = logging.FileHandler._open

    def opened(handler):
        _expect_writable(handler.baseFilename)
        return builtins.open(os.devnull, "a", encoding="utf-8")

    logging.FileHandler._open = opened
    try:
        apply(cfg, defaults)
    except LogConfigError as error:
        return error.setting, error.reason
    finally:
        undo()
        logging.FileHandler._open = real
    return None


def _expect_writable(path):
    """Raises what opening it for append would."""
    if os.path.isdir(path):
        raise IsADirectoryError(21, os.strerror(21), path)
    if os.path.exists(path):
        allowed = os.access(path, os.W_OK)
    else:
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            raise FileNotFoundError(2, os.strerror(2), path)
        allowed = os.access(folder, os.W_OK | os.X_OK)
    if not allowed:
        raise PermissionError(13, os.strerror(13), path)
