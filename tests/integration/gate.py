"""Requests that last until a test lets them through."""

from server_process import read, wait_until


class Gate:
    """Requests of tests/apps/gate.py that last until they are let through."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {"GATE": str(folder)}

    def wait_for(self, name="one"):
        """The pid of the worker that runs the request."""
        return int(wait_until(lambda: read(self.folder / (name + ".began")), "the request %r began" % name))

    def open(self, name="one"):
        (self.folder / (name + ".open")).touch()
