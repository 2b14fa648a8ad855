"""A service manager as systemd is one for the server: listens where NOTIFY_SOCKET says."""

import collections
import re
import socket

from server_process import DEADLINE


class ServiceManager:
    """Keeps every datagram as a dictionary; a value per NAME=."""

    def __init__(self, name):
        """`name` as NOTIFY_SOCKET has it: a path, or @ and an abstract name."""
        self.name = str(name)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.bind("\0" + self.name[1:] if self.name.startswith("@") else self.name)
        self.socket.settimeout(DEADLINE)
        self.messages = []
        self.by_sender = collections.defaultdict(list)

    @property
    def senders(self):
        return set(self.by_sender)

    def close(self):
        self.socket.close()

    def next(self):
        """The next message. A test fails when none comes."""
        text, ancillary, _, _ = self.socket.recvmsg(4096, 256)
        message = dict(line.split("=", 1) for line in text.decode().split("\n"))
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                self.by_sender[int.from_bytes(content[:4], "little")].append(message)
        self.messages.append(message)
        return message

    def wait_for(self, name, pattern=".*"):
        """The next message that has `name` with a value that `pattern` matches."""
        while True:
            message = self.next()
            if name in message and re.fullmatch(pattern, message[name]):
                return message
