"""gunicorn --print-config by Debian's library, also for hooks that are objects without a name, with which its own print fails."""

import sys

from gunicorn.app.wsgiapp import WSGIApplication


def shown(value):
    if callable(value):
        return "<%s()>" % getattr(value, "__qualname__", "object of %s" % type(value).__name__)
    return str(value)


application = WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]")
for name, setting in sorted(application.cfg.settings.items()):
    print("%s = %s" % (name.ljust(40), shown(setting.get())))
