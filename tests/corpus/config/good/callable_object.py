# case: a hook that is an object with __call__
# by_library: objects have no __qualname__, which Gunicorn's print needs
class Readiness:
    """Says once that the server is ready."""

    def __init__(self, text):
        self.text = text

    def __call__(self, server):
        server.log.info(self.text)


when_ready = Readiness("ready to serve")  #: when_ready
workers = 2  #: workers
