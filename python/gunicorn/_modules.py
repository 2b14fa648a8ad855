"""The modules that a configuration imports, so that a reload can read them anew."""

import importlib
import os
import site
import sys
import sysconfig


class ConfigurationModules:
    """What one loading of the configuration brought into sys.modules. Called by the native core."""

    def __init__(self):
        self._names = []
        self._known = frozenset(sys.modules)
        self._forgotten = {}

    def imported(self):
        """The configuration has been loaded: what is new in sys.modules is its own."""
        self._names = [name for name in sys.modules if name not in self._known]

    def forget(self, only):
        """Takes them out of sys.modules, but for those of Python's own installation, and those that `only` does not name
        where it is a list. The next import reads them from their source."""
        names = self._names if only is None else [name for name in self._names if name in only]
        self._forgotten = {
            name: sys.modules.pop(name)
            for name in names
            if name in sys.modules and (name in (only or ()) or _may_be_read_anew(name, sys.modules[name]))
        }
        importlib.invalidate_caches()

    def discard(self):
        """Another configuration is in force: its own modules go."""
        for name in self._names:
            sys.modules.pop(name, None)

    def put_back(self):
        """This configuration is in force again: what forget() took is back."""
        sys.modules.update(self._forgotten)
        self._forgotten = {}


def _may_be_read_anew(name, module):
    """Source files of the project: not ours, not Python's, not what is installed, nothing compiled."""
    file = getattr(module, "__file__", None)
    if file is None:  # a namespace package, or built in
        return hasattr(module, "__path__")
    if name.partition(".")[0] == "gunicorn" or not file.endswith(".py"):
        return False
    path = os.path.realpath(file)
    return not any(path.startswith(folder + os.sep) for folder in _installed_folders())


def _installed_folders():
    folders = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders += getattr(site, "getsitepackages", list)()
    folders.append(getattr(site, "getusersitepackages", str)())
    # Debian's own place for its packages, whatever the scheme says.
    folders += [path for path in sys.path if os.path.basename(path) in ("dist-packages", "site-packages")]
    return {os.path.realpath(folder) for folder in folders if folder}
