"""Applications as the server sees them."""


class BaseApplication:
    """Something with a configuration and a WSGI callable. `worker.app` and `server.app` are one."""

    def __init__(self, usage=None, prog=None):
        self.usage = usage
        self.prog = prog
        self.cfg = None
        self.callable = None
        self.log = None

    def load(self):
        """Returns the WSGI callable."""
        raise NotImplementedError

    def wsgi(self):
        """The WSGI callable, loaded once."""
        if self.callable is None:
            self.callable = self.load()
        return self.callable
