#!/usr/bin/env python3
# case: a line for the shell, a docstring, __all__ and names that describe the file
"""Gunicorn configuration of the intranet.

workers = 12 is not a setting here, only text.
"""

__all__ = ["workers", "timeout"]
__author__ = "operations"
__version__ = "3"

workers = 2  #: workers
timeout = 38  #: timeout
