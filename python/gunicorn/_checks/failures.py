"""Exceptions of user code as people need them: the place in their own files, and only their own frames."""

import itertools
import linecache
import os
import sys
import traceback

import gunicorn

PACKAGE = os.path.dirname(os.path.abspath(gunicorn.__file__)) + os.sep
STANDARD_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
PACKAGE_FOLDERS = ("site-packages", "dist-packages")
IMPORT_SYSTEM = frozenset(["importlib", "runpy", "pkgutil"])
MOST_FRAMES = 24  # of one exception; a recursion has a thousand
LONGEST_LINE = 2000
WITHOUT_CONTROLS = {code: "?" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}  # terminals obey them

CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"


def library_of(filename, own=None):
    """The library that a source file is of ("django"); "" for the import system and ourselves; None for the user's own files.

    `own` is a package that counts as the user's wherever it is installed.
    """
    if filename.startswith(("<frozen ", PACKAGE)):
        return ""
    parts = filename.split(os.sep)
    for folder in PACKAGE_FOLDERS:
        if folder in parts[:-1]:
            name = parts[parts.index(folder) + 1].partition(".")[0]
            return None if name == own else name
    if filename.startswith(STANDARD_LIBRARY):
        name = filename[len(STANDARD_LIBRARY) :].partition(os.sep)[0].partition(".")[0]
        return "" if name in IMPORT_SYSTEM else name
    return None


def entries(exception):
    """The entries of its traceback, outermost first."""
    entry = exception.__traceback__
    while entry is not None:
        yield entry
        entry = entry.tb_next


def user_entries(exception, own=None):
    return [entry for entry in entries(exception) if library_of(entry.tb_frame.f_code.co_filename, own) is None]


def span(entry):
    """(line, column, end column) of what ran: 1-based characters, the end behind the last one; 0 for what is unknown."""
    code = entry.tb_frame.f_code
    unknown = (entry.tb_lineno, 0, 0)
    if not hasattr(code, "co_positions"):  # CPython 3.11
        return unknown
    position = next(itertools.islice(code.co_positions(), entry.tb_lasti // 2, None), None)
    if position is None or None in position or position[0] != entry.tb_lineno:
        return unknown
    line, end_line, column, end = position
    text = linecache.getline(code.co_filename, line, entry.tb_frame.f_globals).rstrip().encode(errors="surrogateescape")
    if not text:
        return unknown
    if end_line != line:
        end = len(text)
    return (line, *(len(text[:offset].decode(errors="replace")) + 1 for offset in (column, end)))


def place(exception, own=None):
    """(file, line, column, end column) of the innermost line of the user; None when there is none.

    For source that does not compile it is the place that the compiler names.
    """
    if isinstance(exception, SyntaxError) and exception.lineno and os.path.exists(exception.filename or ""):
        column = max(exception.offset or 0, 0)
        end = getattr(exception, "end_offset", None) or 0
        is_one_line = getattr(exception, "end_lineno", None) == exception.lineno
        return exception.filename, exception.lineno, column, end if is_one_line and end > column else 0
    own_entries = user_entries(exception, own)
    if not own_entries:
        return None
    return (own_entries[-1].tb_frame.f_code.co_filename, *span(own_entries[-1]))


def summary(exception):
    """Its last line: "KeyError: 'DB'"."""
    words = traceback.format_exception_only(type(exception), exception)[-1].strip()
    return cut(words)


def hint(exception):
    """What to do about it; empty when that is not certain."""
    last = None
    for last in entries(exception):
        pass
    if isinstance(exception, KeyError) and last is not None and last.tb_frame.f_code is os._Environ.__getitem__.__code__:
        return "the environment variable %s is not set" % exception.args[0]
    if isinstance(exception, ModuleNotFoundError) and exception.name:
        missing = exception.name.partition(".")[0]
        if missing not in sys.modules:
            return "install what provides '%s' for %s, or name its folder with pythonpath" % (missing, sys.executable)
    return ""


def user_traceback(exception, own=None):
    """The traceback without our frames and those of the import system, with those of libraries counted only."""
    texts = []
    seen = set()
    link = ""
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        texts.append(one_traceback(exception, own) + link)
        if exception.__cause__ is not None:
            exception, link = exception.__cause__, CAUSE
        elif exception.__context__ is not None and not exception.__suppress_context__:
            exception, link = exception.__context__, CONTEXT
        else:
            break
    return "".join(reversed(texts)).rstrip("\n")


def one_traceback(exception, own):
    lines = list(frame_lines(exception, own))
    if lines:
        lines.insert(0, "Traceback (most recent call last):\n")
    lines += traceback.format_exception_only(type(exception), exception)
    return "".join(cut(line.rstrip("\n")).translate(WITHOUT_CONTROLS) + "\n" for line in lines)


def frame_lines(exception, own):
    shown = []
    for library, group in itertools.groupby(
        entries(exception), lambda entry: library_of(entry.tb_frame.f_code.co_filename, own)
    ):
        group = list(group)
        if library is None:
            shown += [(entry, "") for entry in group]
        elif library:
            shown.append((None, "  ... %d frame%s in %s\n" % (len(group), "s" * (len(group) > 1), library)))
    left_out = len(shown) - MOST_FRAMES
    if left_out > 0:
        half = MOST_FRAMES // 2
        shown[half:-half] = [(None, "  ... %d more\n" % left_out)]
    for entry, text in shown:
        if entry is None:
            yield text
            continue
        code = entry.tb_frame.f_code
        line = linecache.getline(code.co_filename, entry.tb_lineno, entry.tb_frame.f_globals).strip()
        yield '  File "%s", line %d, in %s\n' % (code.co_filename, entry.tb_lineno, code.co_name)
        if line:
            yield "    %s\n" % line


def cut(text):
    return text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + "..."
