"""`#: workers, threads` behind a statement: it binds the values of these settings that count in the end.

The comment stands on any line of the statement. Where a function writes settings, the statement in it and the one of the
module that calls it are both marked: a place in either is right.
"""

import ast
import io
import re
import tokenize


def statement_spans(text):
    """[(first line, last line)] of every statement; of one with a body only its head, decorators included."""
    spans = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.stmt):
            continue
        first = min([node.lineno] + [one.lineno for one in getattr(node, "decorator_list", [])])
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        last = node.end_lineno
        if body:
            begin = body[0].lineno if isinstance(body[0], ast.stmt) else body[0].pattern.lineno
            last = max(first, begin - 1)
        spans.append((first, last))
    return spans


def marked_spans(text):
    """{setting: [(first line, last line), ...]}"""
    spans = statement_spans(text)
    marked = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        found = re.match(r"#: ([\w, ]+)$", token.string) if token.type == tokenize.COMMENT else None
        if not found:
            continue
        line = token.start[0]
        around = [span for span in spans if span[0] <= line <= span[1]]
        assert around, "line %d: a mark outside of any statement" % line
        span = min(around, key=lambda one: one[1] - one[0])
        for name in found[1].split(","):
            marked.setdefault(name.strip(), []).append(span)
    return marked


def lies_in(line, spans):
    return any(first <= line <= last for first, last in spans)
