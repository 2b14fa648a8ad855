"""Which names of a configuration file anything in it may read: those of functions that only have the same name are others."""

import json
import subprocess
import sys

import pytest

from server_process import PACKAGE

# The package is imported in a Python of its own: a plain one, without the native half.
ASKING = """
import json, sys
from gunicorn._checks.readings import Readings
from gunicorn._checks.trees import parse
readings = Readings(parse(sys.stdin.buffer.read(), "conf.py"), "conf.py")
json.dump([readings.is_open, readings.lines.get("name", [])], sys.stdout)
"""


def readings_of(source):
    """(whether something may read names that nobody can tell, lines that read the file's `name`)"""
    environment = {"PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        ["/usr/bin/python3", "-c", ASKING], input=source.encode(), capture_output=True, env=environment, timeout=60, check=True
    )
    is_open, lines = json.loads(run.stdout)
    return is_open, sorted(set(lines))


# source, lines that read the `name` of the file
CASES = {
    "parameter": ("def f(name): return name", []),
    "parameter of every kind": ("def f(a, /, name, *b, **c): return name\ndef g(*name): name\ndef h(**name): name", []),
    "keyword-only parameter": ("def f(*, name=1): return name", []),
    "default": ("def f(name=name): return name", [1]),
    "default of a keyword": ("def f(*, name=name): return name", [1]),
    "annotation of a parameter": ("def f(name: name) -> name: pass", [1]),
    "decorator": ("@name\ndef f(name): return name", [1]),
    "decorator of a class": ("@name\nclass f(name): pass", [1, 2]),
    "base of a class": ("class f(\n  name): pass", [2]),
    "keyword of a class": ("class f(metaclass=name): name = 1", [1]),
    "global in disguise": ("def f(): return name", [1]),
    "local": ("def f():\n    name = 1\n    return name", []),
    "local that is read before": ("def f():\n    print(name)\n    name = 1", []),
    "local of a branch": ("def f(x):\n    if x:\n        name = 1\n    return name", []),
    "increment": ("def f():\n    name += 1", []),
    "unpacking": ("def f():\n    a, (b, *name) = x\n    return name", []),
    "annotated local": ("def f():\n    name: int = 1\n    return name", []),
    "only annotated": ("def f():\n    name: int\n    return name", []),
    "loop": ("def f():\n    for name in x: name", []),
    "asynchronous loop": ("async def f():\n    async for name in x: name\n    async with x as y: y", []),
    "with": ("def f():\n    with x as name: name", []),
    "except": ("def f():\n    try: pass\n    except E as name: name", []),
    "import": ("def f():\n    import name.x\n    return name", []),
    "import as": ("def f():\n    import x as name\n    return name", []),
    "import of another name": ("def f():\n    import name as x\n    return name", [3]),
    "from import": ("def f():\n    from x import y as name\n    return name", []),
    "from import of another name": ("def f():\n    from x import name as y\n    return name", [3]),
    "function in a function": ("def f():\n    def name(): pass\n    return name", []),
    "class in a function": ("def f():\n    class name: pass\n    return name", []),
    "del": ("def f():\n    del name\n    return name", []),
    "del of the file": ("del name", [1]),
    "walrus": ("def f():\n    if (name := 1): return name", []),
    "walrus in a comprehension": ("def f():\n    [name := x for x in y]\n    return name", []),
    "walrus in a lambda is the lambda's": ("def f():\n    g = lambda: (name := 1)\n    return name", [3]),
    "walrus in a default is the outer's": ("def f():\n    def g(x=(name := 1)): return x\n    return name", []),
    "walrus in a default is not the inner's": ("def f():\n    def g(x=(name := 1)): return x\ndef h(): return name", [3]),
    "walrus in a lambda in a comprehension": ("def f():\n    [lambda: (name := 1) for x in y]\n    return name", [3]),
    "closure": ("def f(name):\n    def g(): return name\n    return g", []),
    "closure of a lambda": ("def f(name): return lambda: name", []),
    "closure of a comprehension": ("def f(name): return [name for x in y]", []),
    "beside the function": ("def f(name): return name\nprint(name)", [2]),
    "beside it in a function": ("def f():\n    def g(name): return name\n    return name", [3]),
    "nonlocal": ("def f():\n    name = 1\n    def g():\n        nonlocal name\n        name = name + 1", []),
    "global": ("def f():\n    global name\n    name = 1\n    return name", [2, 4]),
    "global below a local": ("def f(name):\n    def g():\n        global name\n        return name\n    return name", [3, 4]),
    "global is passed on": (
        "def f(name):\n    def g():\n        global name\n        def h(): return name\n        return h", [3, 4]),
    "local below a global": ("def f():\n    global name\n    def g(name): return name", [2]),
    "lambda": ("f = lambda name: name", []),
    "default of a lambda": ("f = lambda name=name: name", [1]),
    "comprehension": ("x = [name for name in y]", []),
    "comprehensions of every kind": ("[{name for name in y}, {name: name for name in y}, *(name for name in y)]", []),
    "condition of a comprehension": ("x = [1 for name in y if name]", []),
    "first iterable": ("x = [name for name in name]", [1]),
    "second iterable": ("x = [name for name in y for z in name]", []),
    "second iterable before its binding": ("x = [name for z in y for name in name]", []),
    "behind a comprehension": ("x = [name for name in y]\nprint(name)", [2]),
    "comprehension in a function": ("def f():\n    x = [name for name in y]\n    return name", [3]),
    "nested comprehension": ("x = [[name for z in name] for name in y]", []),
    "class body": ("class A:\n    name = 1\n    x = name", [3]),
    "class body is no scope of its methods": ("class A:\n    name = 1\n    def f(self): return name", [3]),
    "method": ("class A:\n    def f(self, name): return name", []),
    "class in a function that binds": ("def f():\n    name = 1\n    class A:\n        name = name", [4]),
    "class in a function that reads": ("def f(name):\n    class A:\n        x = name", []),
    "class with a global": ("def f(name):\n    class A:\n        global name\n        x = name", [3, 4]),
    "attribute": ("x.name = y.name", []),
    "keyword": ("f(name=1)", []),
    "text": ("x = 'name'", [1]),
    "text in a function that has the name": ("def f(name): return 'name'", [1]),
    "dotted text": ("x = 'conf.name', 'conf:name'", [1]),
    "f-string": ("x = f'{name}'", [1]),
    "f-string in a function": ("def f(name): return f'{name:{name}}'", []),
    "type": ("x: name = 1", [1]),
    "handler of the file": ("try: pass\nexcept name as E: name", [2]),
    "key": ("x = globals()['name']", [1]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_name_is_read_where_it_is_that_of_the_file(case):
    source, lines = CASES[case]
    assert readings_of("name = 1\n" + source + "\n") == (False, [line + 1 for line in lines])


@pytest.mark.skipif(sys.version_info < (3, 10), reason="match is of Python 3.10")
def test_a_capture_of_match_is_a_local():
    source = """
def f(x):
    match x:
        case {"a": 1, **name}: pass
    return name
def g(x):
    match x:
        case [1, *name]: name
def h(x):
    match x:
        case (1 | 2) as name if name: name
def i(x):
    match x:
        case name.y: pass
"""
    assert readings_of(source) == (False, [14])


@pytest.mark.parametrize(
    "source",
    [
        "exec(x)",
        "def f(): return eval(x)",
        "print(globals())",
        "def f(name): return locals()",
        "x = vars()",
        "from x import *",
        "x = globals()[y]",
        "def f(x): return lambda: x.__globals__",
        "import conf",
        "def f(y): return g(eval)",
    ],
)
def test_what_may_read_any_name_leaves_all_open(source):
    assert readings_of(source + "\n")[0]


@pytest.mark.parametrize(
    "source",
    [
        "def f(vars, dir): return vars, dir",
        "import re\ndef f(compile=re.compile): return compile('x')",
        "x = [exec for exec in y]",
    ],
)
def test_a_parameter_with_the_name_of_such_a_function_is_none(source):
    assert not readings_of(source + "\n")[0]


def test_thousands_of_nested_functions_and_lambdas_are_read():
    source = "f = " + "lambda: " * 50 + "name\n" + "".join(" " * n + "def f%d(name):\n" % n for n in range(90)) + " " * 90 + "name\n"
    assert readings_of(source) == (False, [1])
