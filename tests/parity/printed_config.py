"""What --print-config prints, read back, and when two of its values are the same."""

import re

FIRST_SETTING = "access_log_format"  # of both, in alphabetical order
WRAPPED_HOOK = "<validate_post_request.<locals>.<lambda>()>"


def printed_settings(text):
    """{name: value}, whatever the configuration printed itself before; a value may have several lines."""
    begin = re.search(r"^%s +=" % FIRST_SETTING, text, re.M)
    assert begin, text
    found = {}
    last = ""
    for line in text[begin.start() :].splitlines():
        row = re.fullmatch(r"([a-z][a-z0-9_]*) +=(?: (.*))?", line)
        if row and row[1] > last:
            last = row[1]
            found[last] = row[2] or ""
        else:
            found[last] += "\n" + line
    return found


def is_same(name, ours, debian):
    """Equal but for addresses, and for functions and classes, which we print with their module."""
    if ours == debian:
        return True
    if name == "post_request" and debian == WRAPPED_HOOK:
        return True  # Gunicorn shows its own wrapper for a hook of two or three parameters
    mine, theirs = (re.fullmatch(r"<(.*)\(\)>", without_address(value), re.S) for value in (ours, debian))
    if not mine or not theirs:
        return False
    nameless = re.fullmatch(r"object of (.*)", theirs[1])
    return nameless[1] in mine[1] if nameless else ("." + mine[1]).endswith("." + theirs[1])


def without_address(text):
    return re.sub(r" at 0x[0-9a-f]+", "", text)
