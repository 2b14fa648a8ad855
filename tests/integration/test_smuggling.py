"""tests/corpus/http/smuggling/table.txt over real sockets; the README.md beside it has the format."""

import re
import socket

import pytest

from http_corpus import BEGINNINGS, unescaped
from raw_http import Connection, Truncated
from server_process import ROOT

NEXT = b"GET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def read_table():
    table = (ROOT / "tests/corpus/http/smuggling/table.txt").read_text()
    for line in table.splitlines():
        if line and not line.startswith("#"):
            name, outcome, data = line.split(" | ", 2)
            yield name.strip(), unescaped(outcome.strip(), **BEGINNINGS), unescaped(data, **BEGINNINGS)


CASES = list(read_table())


def conversation(address, data):
    """What becomes of these bytes and the request behind them, in the words of the table. The client sends no more than
    that, and says so, and the server closes the connection in any case."""
    said = []
    with Connection(address) as connection:
        connection.send(data + NEXT)
        connection.sock.shutdown(socket.SHUT_WR)
        while not connection.is_over:
            try:
                response = connection.read_response()
            except (Truncated, ConnectionResetError) as end:
                assert not getattr(end, "received", b""), end
                said.append(b"wait")
                break
            if response.status == 100:
                connection.is_over = False
            elif response.status != 200:
                said.append(b"%d" % response.status)
                assert connection.is_over, "a refusal closes the connection"
            else:
                said.append(b"next" if response.body == b"GET /next[]" else response.body)
        else:
            connection.assert_closed()
            if re.fullmatch(rb"[A-Z]+ .*", said[-1], re.S):
                said.append(b"close")
    return b" + ".join(said)


@pytest.fixture(scope="module")
def echo(shared_server, worker_kind):
    return shared_server(*worker_kind, "--keep-alive", "30", "echo_request:app")


@pytest.mark.parametrize("outcome, data", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_ambiguous_request_is_refused_or_read_in_one_way(echo, outcome, data):
    # A sync worker whose calls are slow just now closes after a response: what came is right; it is asked again.
    for _ in range(20):
        seen = conversation(echo.address, data)
        early = seen.removesuffix(b" + close")
        if seen == outcome or seen == early or not outcome.startswith(early + b" + "):
            break
    assert seen == outcome


def test_what_is_refused_leaves_the_worker_and_no_traceback(echo):
    logged = echo.log
    assert "Traceback" not in logged
    assert logged.count("Booting worker") == 1
