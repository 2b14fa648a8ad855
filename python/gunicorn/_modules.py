"""What reading a configuration does to Python, so that a reload can read it anew in the world of the start."""

import importlib
import os
import site
import sys
import sysconfig


class ConfigurationModules:
    """What one loading of the configuration brought into sys.modules, and made of os.environ and sys.path. Called by the
    native core."""

    def __init__(self):
        self._names = []
        self._world = _World()
        self._known = frozenset(sys.modules)
        self._forgotten = {}

    def read(self):
        """Its files have been run: what has changed is their work."""
        self.imported()
        self._world.changed()

    def imported(self):
        """What is new in sys.modules is its own."""
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
        self._world.leave()
        importlib.invalidate_caches()

    def discard(self):
        """Another configuration is in force: its own modules go."""
        for name in self._names:
            sys.modules.pop(name, None)
        self._world.leave()

    def put_back(self):
        """This configuration is in force again: what forget() took is back."""
        sys.modules.update(self._forgotten)
        self._forgotten = {}
        self._world.come_back()


class _World:
    """What a configuration file makes of os.environ and sys.path itself. What hooks and the application make of them later
    stays, but for come_back(), which is for sys.path the moment of leave()."""

    def __init__(self):
        self._variables_before = dict(os.environ)
        self._path_before = list(sys.path)
        self._variables = {}  # name: (before, after); None where it is not set
        self._path_added = []
        self._path_taken = []
        self._left_path = None  # from leave() to come_back()

    def changed(self):
        before, after = self._variables_before, dict(os.environ)
        names = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
        self._variables = {name: (before.get(name), after.get(name)) for name in names}
        self._path_added = [folder for folder in sys.path if folder not in self._path_before]
        self._path_taken = [folder for folder in self._path_before if folder not in sys.path]

    def leave(self):
        if self._left_path is not None:
            return
        self._left_path = list(sys.path)
        for name, (before, after) in self._variables.items():
            _replace_variable(name, after, before)
        sys.path[:] = [folder for folder in sys.path if folder not in self._path_added]
        for index, folder in enumerate(self._path_before):
            if folder in self._path_taken and folder not in sys.path:
                sys.path.insert(index, folder)

    def come_back(self):
        if self._left_path is None:
            return
        for name, (before, after) in self._variables.items():
            _replace_variable(name, before, after)
        sys.path[:] = self._left_path
        self._left_path = None


def _replace_variable(name, old, new):
    """Unless somebody has changed it meanwhile."""
    if os.environ.get(name) != old:
        return
    if new is None:
        del os.environ[name]
    else:
        os.environ[name] = new


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
