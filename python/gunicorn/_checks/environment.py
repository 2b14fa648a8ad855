"""Which environment variables a configuration file reads."""

import os

ORIGINAL = os._Environ.__getitem__


def begin():
    """From now on the names of variables that are read are appended to the list that this answers."""
    names = []

    def __getitem__(self, key):
        names.append(key)
        return ORIGINAL(self, key)

    os._Environ.__getitem__ = __getitem__
    return names


def end():
    os._Environ.__getitem__ = ORIGINAL
