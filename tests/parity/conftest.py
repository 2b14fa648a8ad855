"""Comparisons with Debian's gunicorn, and the corpus of configurations. What starts processes is shared with tests/integration."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
