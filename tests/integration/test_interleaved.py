"""Responses that are pulled while others are: each goes on where it was, in its own context and thread."""

import socket

import pytest

from raw_http import Connection, get, request_bytes

PIECES = 6


@pytest.fixture(scope="module", params=[[], ["--threads", "2"]], ids=["sync", "gthread"])
def server(request, shared_server):
    return shared_server(*request.param, "interleaved:app")


def pieces_of(body):
    return [line.decode().split() for line in body.splitlines()]


@pytest.mark.parametrize("path", ["/stream", "/flask"])
def test_generators_of_slow_clients_keep_their_context_and_thread(server, path):
    names = ["client%d" % i for i in range(8)]
    connections = [Connection(server.address, receive_buffer=4096) for _ in names]
    heads = []
    for name, connection in zip(names, connections):
        connection.send(request_bytes("%s?%s" % (path, name)))
        heads.append(connection.read_head())
    # All of them are in the middle of their answers now, and none of them holds a thread.
    assert get(server.address, "/").body == b"hello"
    for name, connection, head in zip(names, connections, heads):
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        pieces = pieces_of(connection.read_body(head).body)
        assert [piece[0] for piece in pieces] == [name] * PIECES
        assert len({piece[1] for piece in pieces}) == 1, "an object may be bound to its thread"
        connection.close()
    assert "Traceback" not in server.log


def test_what_a_request_sets_in_its_context_ends_with_it(server):
    with Connection(server.address) as connection:
        assert [connection.get("/leak").body for _ in range(3)] == [b"nothing"] * 3
