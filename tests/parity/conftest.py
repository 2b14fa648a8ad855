"""Comparisons with Debian's gunicorn, and the corpus of configurations; tests/integration knows how to start processes."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
