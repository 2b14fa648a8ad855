"""Exceptions that other software catches or raises by these names."""


class HaltServer(BaseException):
    """Ends the master with an exit status."""

    def __init__(self, reason, exit_status=1):
        super().__init__(reason, exit_status)
        self.reason = reason
        self.exit_status = exit_status

    def __str__(self):
        return "<HaltServer %r %d>" % (self.reason, self.exit_status)


class ConfigError(Exception):
    """A configuration that cannot be used."""


class LogConfigError(RuntimeError):
    """What logging.config refuses: `setting` names where it was said, `reason` what is wrong."""

    def __init__(self, setting, reason):
        super().__init__("%s: %s" % (setting, reason))
        self.setting = setting
        self.reason = reason


class AppImportError(Exception):
    """The application was not found where the command line says it is."""
