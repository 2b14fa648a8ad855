"""Where a configuration file binds its settings: every way to bind a name, exact in lines and columns."""

import json
import subprocess

import pytest

from server_process import PACKAGE

# The package is imported in a Python of its own: a plain one, without the native half.
ASKING = """
import json, sys
from gunicorn._checks.places import Lines
from gunicorn._checks.spans import spans
from gunicorn._checks.trees import parse
source = sys.stdin.buffer.read()
names = ("bind", "workers", "timeout", "post_fork", "when_ready", "loglevel")
json.dump(spans(parse(source, "x"), Lines(source), names), sys.stdout)
"""


def spans_of(source):
    source = source if isinstance(source, bytes) else source.encode()
    environment = {"PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        ["/usr/bin/python3", "-c", ASKING], input=source, capture_output=True, env=environment, timeout=60, check=True
    )
    return [tuple(one) for one in json.loads(run.stdout)]


# source: (name, first line, last line, name line, column, end column, value line, column, end column)
CASES = {
    "assignment": ("workers = 2\n", [("workers", 1, 1, 1, 1, 8, 1, 11, 12)]),
    "chain": ("x = workers = 1 + 1\n", [("workers", 1, 1, 1, 5, 12, 1, 15, 20)]),
    "pairs": ("bind, workers = 'x', 2\n", [("bind", 1, 1, 1, 1, 5, 1, 17, 20), ("workers", 1, 1, 1, 7, 14, 1, 22, 23)]),
    "nested pairs": ("(a, [workers]) = 1, [2]\n", [("workers", 1, 1, 1, 6, 13, 1, 22, 23)]),
    "unpacking": ("bind, *workers = f()\n", [("bind", 1, 1, 1, 1, 5, 1, 18, 21), ("workers", 1, 1, 1, 8, 15, 1, 18, 21)]),
    "annotation": ("workers: int = 2\ntimeout: int\n", [("workers", 1, 1, 1, 1, 8, 1, 16, 17)]),
    "increment": ("workers += 2\n", [("workers", 1, 1, 1, 1, 8, 1, 12, 13)]),
    "function": ("def post_fork(a,\n              b):\n    workers = 1\n", [("post_fork", 1, 2, 1, 5, 14, 0, 0, 0)]),
    "decorated": ("@x\n@y\nasync def when_ready(s): pass\n", [("when_ready", 1, 3, 3, 11, 21, 0, 0, 0)]),
    "class": ("class bind(\n    object):\n    workers = 2\n", [("bind", 1, 2, 1, 7, 11, 0, 0, 0)]),
    "import": ("import a, workers.x\n", [("workers", 1, 1, 1, 11, 18, 0, 0, 0)]),
    "from": ("from workers import (a,\n  b as workers, post_fork)\n",
             [("workers", 1, 2, 2, 8, 15, 0, 0, 0), ("post_fork", 1, 2, 2, 17, 26, 0, 0, 0)]),
    "star": ("from conf import *\n", [("*", 1, 1, 1, 18, 19, 0, 0, 0)]),
    "for": ("for workers in (1, 2):\n    timeout = 3\n",
            [("workers", 1, 1, 1, 5, 12, 1, 16, 22), ("timeout", 2, 2, 2, 5, 12, 2, 15, 16)]),
    "with": ("with open('x') as bind:\n    pass\n", [("bind", 1, 1, 1, 19, 23, 1, 6, 15)]),
    "walrus": ("if (workers := 3) > 2:\n    pass\n", [("workers", 1, 1, 1, 5, 12, 1, 16, 17)]),
    "comprehension": ("x = [workers for workers in y if (bind := workers)]\n", [("bind", 1, 1, 1, 35, 39, 1, 43, 50)]),
    "key": ("globals()['workers'] = 2\n", [("workers", 1, 1, 1, 11, 20, 1, 24, 25)]),
    "update": ("globals().update(workers=2, **x)\n", [("workers", 1, 1, 1, 18, 25, 1, 26, 27)]),
    "update by dictionary": ("globals().update({'bind': 1,\n  'workers': 2, **x})\n",
                             [("bind", 1, 2, 1, 19, 25, 1, 27, 28), ("workers", 1, 2, 2, 3, 12, 2, 14, 15)]),
    "update by dict": ("vars().update(dict(workers=2))\n", [("workers", 1, 1, 1, 20, 27, 1, 28, 29)]),
    "setdefault": ("globals().setdefault('workers', 2)\n", [("workers", 1, 1, 1, 22, 31, 1, 33, 34)]),
    "setattr": ("setattr(sys.modules[__name__], 'workers', 2)\n", [("workers", 1, 1, 1, 32, 41, 1, 43, 44)]),
    "attribute": ("sys.modules[__name__].workers = 2\n", [("workers", 1, 1, 1, 23, 30, 1, 33, 34)]),
    "global": ("def f():\n    global workers\n    workers = 2\n    timeout = 3\n", [("workers", 3, 3, 3, 5, 12, 3, 15, 16)]),
    "not nested": ("def f():\n    workers = 2\nclass A:\n    bind = 3\nx = lambda workers: workers\n", []),
    "in blocks": ("try:\n    workers = 1\nexcept E:\n    workers = 2\nelse:\n    bind = 3\nfinally:\n    timeout = 4\n",
                  [("workers", 2, 2, 2, 5, 12, 2, 15, 16), ("workers", 4, 4, 4, 5, 12, 4, 15, 16),
                   ("bind", 6, 6, 6, 5, 9, 6, 12, 13), ("timeout", 8, 8, 8, 5, 12, 8, 15, 16)]),
    "one line": ("workers = 1; timeout = 2\n", [("workers", 1, 1, 1, 1, 8, 1, 11, 12), ("timeout", 1, 1, 1, 14, 21, 1, 24, 25)]),
    "long value": ("workers = max(1,  # at least\n              2)\n", [("workers", 1, 2, 1, 1, 8, 1, 11, 17)]),
    "long text": ("bind = '''a # b\nc'''\n", [("bind", 1, 2, 1, 1, 5, 1, 8, 16)]),
    "value below": ("workers = (\n    2\n)\n", [("workers", 1, 3, 1, 1, 8, 2, 5, 6)]),
    "continued": ("workers = \\\n    2\n", [("workers", 1, 2, 1, 1, 8, 2, 5, 6)]),
    "wide characters": ("x = 'é'; bind = 'ü𝄞'\n", [("bind", 1, 1, 1, 10, 14, 1, 17, 21)]),
    "carriage returns": (b"x = 1\r\nworkers = 2\r\n", [("workers", 2, 2, 2, 1, 8, 2, 11, 12)]),
    "old carriage returns": (b"x = 1\rworkers = 2\r", [("workers", 2, 2, 2, 1, 8, 2, 11, 12)]),
    "form feed": ("x = '\x0c'; y = '\u2028'\nworkers = 2\n", [("workers", 2, 2, 2, 1, 8, 2, 11, 12)]),
    "byte order mark": ("\ufeffworkers = 2\n", [("workers", 1, 1, 1, 1, 8, 1, 11, 12)]),
    "latin-1": ("# -*- coding: latin-1 -*-\nx = 'é'; bind = 'ü'\n".encode("latin-1"), [("bind", 2, 2, 2, 10, 14, 2, 17, 20)]),
    "no encoding": ("x = '# coding: latin-1'; bind = 'é'\n", [("bind", 1, 1, 1, 26, 30, 1, 33, 36)]),
    "other names": ("wokers = 2\nprint(workers)\n", []),
}


@pytest.mark.parametrize("name", CASES)
def test_a_binding_has_its_exact_place(name):
    source, expected = CASES[name]
    assert spans_of(source) == expected


def test_a_capture_of_match_is_a_binding():
    source = "match {}:\n    case {'a': workers} if x:\n        pass\n    case [*bind]:\n        pass\n"
    assert spans_of(source) == [("workers", 2, 2, 2, 16, 23, 0, 0, 0), ("bind", 4, 4, 4, 12, 16, 0, 0, 0)]
