"""The texts of tests/corpus/http as bytes."""

import re

ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "\\": "\\"}
# More of them, in smuggling/table.txt: how most of its requests begin.
BEGINNINGS = {letter: line + " HTTP/1.1\r\nHost: h\r\n" for letter, line in (("p", "POST /p"), ("g", "GET /g"))}


def unescaped(text, **more):
    """`more` are escapes of one letter beside those of the README.md there."""
    escapes = ESCAPES | more
    text = re.sub(r"\\\{(\d+)\*([^}]*)\}", lambda found: found[2] * int(found[1]), text)
    one = lambda found: chr(int(found[1], 16)) if found[1] else escapes[found[2]]
    return re.sub(r"\\(?:x([0-9a-fA-F]{2})|(.))", one, text).encode("latin-1")
