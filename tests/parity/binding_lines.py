"""Says where a configuration binds its settings, as Python itself sees it: an oracle for the marks of the corpus.

Usage: binding_lines.py PATH|python:MODULE NAME... ; it ends standard error with a line "-- bindings --" and, as JSON, {name:
[line of the statement, line of what called it, ...]}.

The interpreter stops before each instruction of the file. STORE_NAME and STORE_GLOBAL of a setting count also when the value
stays the same; what other code stores (update, setattr, exec, star imports) is seen by comparing the namespace.
"""

import dis
import importlib.util
import json
import os
import sys
import types

SEPARATOR = "-- bindings --"
ABSENT = object()


class Watch:
    def __init__(self, path, namespace, names):
        self.path = path
        self.namespace = namespace
        self.values = {name: namespace.get(name, ABSENT) for name in names}
        self.lines = {}
        self.stack = []  # frames of the file's code
        self.pending = None  # (lines, name that the next instruction stores)

    def settle(self):
        """Notes what the instruction before did."""
        lines, stored = self.pending or ([], None)
        for name, before in self.values.items():
            value = self.namespace.get(name, ABSENT)
            if value is not before or name == stored:
                self.values[name] = value
                self.lines[name] = lines
        self.pending = None

    def trace(self, frame, event, argument):
        if frame.f_code.co_filename != self.path:
            return None
        frame.f_trace_opcodes = True
        if event == "call":
            self.stack.append(frame)
        elif event == "opcode":
            self.settle()
            instruction = instruction_at(frame)
            in_module = frame.f_locals is self.namespace
            stores = instruction.opname == "STORE_GLOBAL" or (instruction.opname == "STORE_NAME" and in_module)
            lines = [one.f_lineno for one in reversed(self.stack)]
            self.pending = (lines, instruction.argval if stores else None)
        elif event == "return":
            self.settle()
            self.stack.pop()
        return self.trace


TABLES = {}


def instruction_at(frame):
    code = frame.f_code
    if code not in TABLES:
        TABLES[code] = {one.offset: one for one in dis.get_instructions(code)}
    return TABLES[code][frame.f_lasti]


def load(where):
    """The path of the file and a namespace to execute it in."""
    if where.startswith("python:"):
        spec = importlib.util.find_spec(where[7:])
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        return spec.origin, module.__dict__
    module = types.ModuleType("__config__")
    module.__file__ = where
    sys.modules["__config__"] = module
    return where, module.__dict__


def main(where, *names):
    import gunicorn  # before a file of that name in this folder is found

    sys.path.insert(0, os.getcwd())
    path, namespace = load(where)
    with open(path, "rb") as stream:
        code = compile(stream.read(), path, "exec")
    watch = Watch(path, namespace, names)
    sys.settrace(watch.trace)
    exec(code, namespace)
    sys.settrace(None)
    bound = {name: lines for name, lines in watch.lines.items() if name in namespace}
    print("\n" + SEPARATOR + "\n" + json.dumps(bound), file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
