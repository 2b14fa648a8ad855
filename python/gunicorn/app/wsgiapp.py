"""`gunicorn MODULE:APP`, and its entry point for Python."""

import sys

from gunicorn import _core, util
from gunicorn.app.base import BaseApplication


class WSGIApplication(BaseApplication):
    """The application that a command line or `wsgi_app` names."""

    app_uri = None

    def load(self):
        return util.import_app(self.app_uri)


def from_native(cfg, app_uri):
    """The application object of this process. Called by the native core."""
    app = WSGIApplication()
    app.cfg = cfg
    app.app_uri = app_uri
    return app


def run(prog=None):
    """Runs the server with sys.argv in this interpreter; ends the process with the server's exit status."""
    arguments = [prog or sys.argv[0]] + sys.argv[1:]
    sys.exit(_core.main(arguments))


if __name__ == "__main__":
    run()
