"""What the applications of all frameworks share."""

import hashlib
import pathlib

FILE = pathlib.Path(__file__).resolve().parent.parent / "kinds.py"
PIECE = b"0123456789abcdef" * 4096


def pieces(count):
    for i in range(count):
        yield b"piece %d\n" % i


def large(count):
    for _ in range(count):
        yield PIECE


def read_in_pieces(read, size=10_007):
    """Size and digest of all that `read` gives."""
    digest, length = hashlib.sha256(), 0
    while True:
        piece = read(size)
        if not piece:
            return {"length": length, "sha256": digest.hexdigest()}
        length += len(piece)
        digest.update(piece)


def describe_file(field, name, read):
    seen = read_in_pieces(read)
    return [field, name, seen["length"], seen["sha256"]]
