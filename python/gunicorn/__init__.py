"""The importable side of the native server: thin adapters with Gunicorn's public names over `gunicorn._core`."""

__version__ = "27.0.0"
version_info = tuple(int(part) for part in __version__.split("."))

# Both may be assigned by configuration files and applications; what is on the wire follows.
SERVER = "gunicorn"
SERVER_SOFTWARE = "%s/%s" % (SERVER, __version__)
