"""The `cfg` object of hooks, workers and loggers."""

from gunicorn import _core, util


class Setting:
    """One setting: `name`, `value`, `section`, `cli`, `short`, `desc`."""

    def __init__(self, description, value):
        self.name = description["name"]
        self.section = description["section"]
        self.cli = description["cli"] or None
        self.short = description["short"]
        self.desc = description["desc"]
        self.value = value

    def get(self):
        return self.value

    def set(self, value):
        """Stores a value that the setting's validator accepts; ValueError says what is wrong with another."""
        self.value = _core.set_setting(self.name, value)

    def __repr__(self):
        return "<%s.%s name=%s value=%r>" % (type(self).__module__, type(self).__name__, self.name, self.value)


class Config:
    """Settings as attributes; `cfg.settings[name]` is the Setting, `cfg.set(name, value)` changes it."""

    def __init__(self, settings):
        self.settings = settings

    def __getattr__(self, name):
        settings = self.__dict__.get("settings", {})
        if name not in settings:
            raise AttributeError("No configuration setting for: %s" % name)
        return settings[name].get()

    def __setattr__(self, name, value):
        if name != "settings" and name in self.__dict__.get("settings", {}):
            raise AttributeError("Invalid access! Use cfg.set(%r, value)." % name)
        super().__setattr__(name, value)

    def set(self, name, value):
        if name not in self.settings:
            raise AttributeError("No configuration setting for: %s" % name)
        self.settings[name].set(value)

    @property
    def worker_class_str(self):
        uri = self.settings["worker_class"].get()
        if not isinstance(uri, str):
            return uri.__name__
        if uri.rpartition("#")[2] == "sync" and self.threads > 1:
            return "gthread"
        return uri

    @property
    def worker_class(self):
        uri = self.settings["worker_class"].get()
        if isinstance(uri, str) and uri.rpartition("#")[2] in ("sync", "SyncWorker") and self.threads > 1:
            uri = "gunicorn.workers.gthread.ThreadWorker"
        return util.load_class(uri)

    @property
    def logger_class(self):
        stock = "gunicorn.glogging.Logger"
        found = util.load_class(self.settings["logger_class"].get(), default=stock, section="gunicorn.loggers")
        if self.statsd_host is not None and found is util.load_class(stock):
            return util.load_class("gunicorn.instrument.statsd.Statsd")
        return found

    @property
    def statsd_host(self):
        """None, (host, port), or the path of a unix socket."""
        address = self.settings["statsd_host"].get()
        if address is None:
            return None
        if address.startswith("unix://"):
            return address[len("unix://") :]
        host, _, port = address.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def proc_name(self):
        name = self.settings["proc_name"].get()
        return name if name is not None else self.settings["default_proc_name"].get()

    @property
    def uid(self):
        return self.settings["user"].get()

    @property
    def gid(self):
        return self.settings["group"].get()

    @property
    def is_ssl(self):
        return bool(self.certfile or self.keyfile)

    @property
    def ssl_options(self):
        """The settings of the section SSL, by name."""
        return {name: setting.get() for name, setting in self.settings.items() if setting.section == "SSL"}

    @property
    def env(self):
        return dict(entry.split("=", 1) for entry in self.settings["raw_env"].get())

    @property
    def sendfile(self):
        value = self.settings["sendfile"].get()
        return True if value is None else value

    def __str__(self):
        width = max(len(name) for name in self.settings)
        return "\n".join("%-*s = %r" % (width, name, self.settings[name].value) for name in sorted(self.settings))


def _no_hook(*_arguments):
    """What an unset hook does when Python code calls it as cfg.<hook>(...)."""


def _default_ssl_context(_config, default_ssl_context_factory):
    return default_ssl_context_factory()


_HOOK_SECTIONS = ("Server Hooks", "Dirty Arbiter Hooks")


def from_native(values):
    """The Config of the resolved settings: {name: value}. Called by the native core."""
    settings = {}
    for description in _core.settings_table():
        value = values[description["name"]]
        if value is None and description["section"] in _HOOK_SECTIONS:
            value = _default_ssl_context if description["name"] == "ssl_context" else _no_hook
        settings[description["name"]] = Setting(description, value)
    return Config(settings)
