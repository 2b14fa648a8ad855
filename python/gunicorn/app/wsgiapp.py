"""`gunicorn MODULE:APP`, and its entry point for Python."""

import os
import sys

from gunicorn import _core, util
from gunicorn.app.base import BaseApplication
from gunicorn.errors import AppImportError


class WSGIApplication(BaseApplication):
    """The application that a command line or `wsgi_app` names."""

    app_uri = None

    def load(self):
        if self.app_uri:
            return util.import_app(self.app_uri)
        return load_paste_app(self.cfg.paste)


def load_paste_app(spec):
    """The application of a PasteDeploy file: `FILE` or `FILE#name`."""
    try:
        from paste.deploy import loadapp
    except ImportError:
        raise AppImportError("--paste needs the PasteDeploy package (python3-pastedeploy) to load %r" % spec) from None
    path, _, name = spec.partition("#")
    return loadapp("config:%s" % os.path.abspath(path), name=name or None, relative_to=os.getcwd())


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
