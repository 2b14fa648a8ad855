"""Where something stands in a file, in lines and columns as people count them: both from 1, columns in characters."""

import _ast

from gunicorn._checks.trees import FUNCTIONS, children


class Lines:
    """The lines of a source as Python reads them. Positions of syntax trees count bytes of UTF-8, whatever the file is in."""

    def __init__(self, source):
        text = source.decode(encoding_of(source), "replace")
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def text(self, line):
        return self.lines[line - 1] if line <= len(self.lines) else ""

    def column(self, line, offset):
        text = self.text(line)
        return (offset if text.isascii() else len(text.encode()[:offset].decode("utf-8", "replace"))) + 1

    def of_name(self, node, name):
        """(line, column, end column) of a name at the node's begin, or behind its `def` or `class`."""
        line, column = node.lineno, self.column(node.lineno, node.col_offset)
        if isinstance(node, FUNCTIONS + (_ast.ClassDef,)):
            keyword = "class" if type(node) is _ast.ClassDef else "def"
            text = self.text(line)
            begin = text.find(keyword, column - 1)
            column = max(column, find_word(text, name, begin + len(keyword)) + 1)
        return line, column, column + len(name)

    def of_attribute(self, node):
        """(line, column, end column) of `object.name`; of the name alone when they stand on different lines."""
        end = self.column(node.end_lineno, node.end_col_offset)
        is_whole = node.lineno == node.end_lineno
        begin = self.column(node.lineno, node.col_offset) if is_whole else end - len(node.attr)
        return node.end_lineno, begin, end

    def of_value(self, node):
        """(line, column, end column) of an expression, as far as its first line goes."""
        line = node.lineno
        column = self.column(line, node.col_offset)
        if node.end_lineno == line:
            return line, column, self.column(line, node.end_col_offset)
        text = self.text(line)
        end = len(text)
        comment = text.find("#", self.last_column_on(line, node) - 1)
        if comment >= 0:
            end = comment
        return line, column, max(column, len(text[:end].rstrip()) + 1)

    def last_column_on(self, line, node):
        """Behind it nothing of the expression but operators, brackets and a comment stands on its first line."""
        last = self.column(line, node.col_offset)
        todo = [node]
        while todo:
            one = todo.pop()
            position = getattr(one, "lineno", line)
            if position != line:
                continue
            if getattr(one, "end_lineno", None) == line:
                last = max(last, self.column(line, one.end_col_offset))
                continue
            if type(one) in (_ast.Constant, _ast.JoinedStr):  # a text that goes on below, with any # in it
                return len(self.text(line)) + 1
            todo.extend(children(one))
        return last


def find_word(text, word, begin):
    """Index of a whole word; -1 when there is none."""
    while True:
        index = text.find(word, begin)
        if index < 0:
            return -1
        neighbours = text[max(0, index - 1) : index], text[index + len(word) : index + len(word) + 1]
        if not any(one.isalnum() or one == "_" for one in neighbours):
            return index
        begin = index + 1


def encoding_of(source):
    """PEP 263: a byte order mark, or `coding: NAME` in a comment that is all of one of the first two lines. Else UTF-8."""
    if source.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    for line in source[:4096].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")[:2]:
        line = line.strip(b" \t\f")
        if line and not line.startswith(b"#"):
            break
        name = declared_encoding(line.decode("latin-1"))
        if name:
            return name
    return "utf-8"


def declared_encoding(comment):
    index = comment.find("coding")
    while index >= 0:
        rest = comment[index + len("coding") :]
        if rest[:1] in (":", "="):
            name = rest[1:].lstrip(" \t")
            end = 0
            while end < len(name) and (name[end].isalnum() or name[end] in "-_."):
                end += 1
            if end:
                return name[:end]
        index = comment.find("coding", index + 1)
    return None
