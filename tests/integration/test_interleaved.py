"""Responses that are pulled while others are: each goes on where it was, in its own context and thread."""

import contextlib
import socket
import struct
import threading

import pytest

from raw_http import Connection, get, request_bytes

PIECES = 6


@pytest.fixture(scope="module", params=[[], ["--threads", "2"]], ids=["sync", "gthread"])
def streaming(request, shared_server):
    return shared_server(*request.param, "interleaved:app")


def pieces_of(body):
    return [line.decode().split() for line in body.splitlines()]


@pytest.mark.parametrize("path", ["/stream", "/flask"])
def test_generators_of_slow_clients_keep_their_context_and_thread(streaming, path):
    names = ["client%d" % i for i in range(8)]
    connections = [Connection(streaming.address, receive_buffer=4096) for _ in names]
    heads = []
    for name, connection in zip(names, connections):
        connection.send(request_bytes("%s?%s" % (path, name)))
        heads.append(connection.read_head())
    # All of them are in the middle of their answers now, and none of them holds a thread.
    assert get(streaming.address, "/").body == b"hello"
    for name, connection, head in zip(names, connections, heads):
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        pieces = pieces_of(connection.read_body(head).body)
        assert [piece[0] for piece in pieces] == [name] * PIECES
        assert len({piece[1] for piece in pieces}) == 1, "an object may be bound to its thread"
        connection.close()
    assert "Traceback" not in streaming.log


def test_what_a_request_sets_in_its_context_ends_with_it(streaming):
    with Connection(streaming.address) as connection:
        assert [connection.get("/leak").body for _ in range(3)] == [b"nothing"] * 3


@pytest.fixture
def one_thread(server, gate):
    return server("-k", "gthread", "--threads", "1", "gate:app", env=gate.env)


def test_an_answer_that_was_sent_does_not_wait_for_the_next_request_of_its_thread(one_thread, gate):
    with Connection(one_thread.address, receive_buffer=4096) as slow, Connection(one_thread.address) as other:
        slow.send(request_bytes("/whole", [("Connection", "close")]))
        head = slow.read_head()
        other.send(request_bytes("/wait/one"))
        gate.wait_for()
        slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        assert len(slow.read_body(head).body) == 8 << 20
        slow.assert_closed()
        gate.open()
        assert other.read_response().status == 200


def test_streams_of_fast_clients_leave_room_for_new_requests(one_thread):
    def read_on(sock):
        with contextlib.suppress(OSError):
            while sock.recv(1 << 20):
                pass

    with Connection(one_thread.address) as first, Connection(one_thread.address) as second:
        readers = []
        for stream in (first, second):
            stream.send(request_bytes("/endless"))
            stream.read_head()
            readers.append(threading.Thread(target=read_on, args=(stream.sock,)))
            readers[-1].start()
        assert [get(one_thread.address, "/").status for _ in range(5)] == [200] * 5
        assert all(reader.is_alive() for reader in readers), "they are still served"
        for stream in (first, second):
            # Whoever closes with bytes on their way to it is gone; a shutdown may leave them waiting in the kernel.
            stream.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            stream.sock.shutdown(socket.SHUT_RDWR)
        for reader in readers:
            reader.join()
