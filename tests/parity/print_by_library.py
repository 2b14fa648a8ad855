"""--print-config of Debian's gunicorn, also for hooks that are objects without a name: its own fails with them."""

import sys

from gunicorn.app.wsgiapp import WSGIApplication


def shown(value):
    if callable(value):
        return "<%s()>" % getattr(value, "__qualname__", "object of %s" % type(value).__name__)
    return str(value)


application = WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]")
for name, setting in sorted(application.cfg.settings.items()):
    print("%s = %s" % (name.ljust(40), shown(setting.get())))
