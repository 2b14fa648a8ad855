"""Clients that take their time, or stop: others are served meanwhile, memory is bounded, and somebody gives them up."""

import select
import time

import pytest

from memory import MIB, Footprint
from raw_http import Connection, Truncated, get, request_bytes
from server_process import DEADLINE, SANITIZED, wait_until
from slow_clients import SMALL_BUFFER, Reading, trickling_bodies, trickling_heads

PATIENT = ("--header-timeout", "600", "--body-timeout", "600", "--send-timeout", "600", "--worker-connections", "2000")


@pytest.fixture(scope="module")
def patient(shared_server, worker_kind):
    running = shared_server(*worker_kind, *PATIENT, "memory:app")
    for size in (1, 8):
        get(running.address, "/give-same?%d" % size)
    return running


def assert_served(address):
    for _ in range(50):
        with Connection(address, timeout=5) as connection:
            assert connection.get("/take", [("Connection", "close")], "POST", b"12345").body == b"5"


def assert_small(footprint, clients, bytes_a_client):
    if not SANITIZED:
        assert footprint.peak_growth < clients * bytes_a_client, "%d bytes a client" % (footprint.peak_growth // clients)


def footprint_of(running):
    (worker,) = running.wait_for_workers(1)
    return Footprint(worker)


def test_others_are_served_beside_slow_heads_and_slow_readers(patient):
    address = patient.address
    with trickling_heads(address, 300) as heads, Reading(address, 300, "/give-same?1") as readers:
        assert_served(address)
        heads.assert_all_are_there()
        readers.assert_all_are_there()


def test_others_are_served_beside_slow_readers_of_a_generator(patient):
    with Reading(patient.address, 100, "/give?8") as readers:
        assert_served(patient.address)
        readers.assert_all_are_there()


@pytest.mark.parametrize("crowd", [trickling_heads, trickling_bodies])
def test_a_client_that_sends_slowly_costs_a_buffer(patient, crowd):
    footprint = footprint_of(patient)
    with crowd(patient.address, 300) as clients:
        assert_served(patient.address)
        clients.assert_all_are_there()
        assert_small(footprint, 300, 32 << 10)
    wait_until(lambda: footprint.new_descriptors <= 0, "the connections are given back")


@pytest.mark.parametrize("size", [1, 8])
def test_a_client_that_reads_slowly_costs_a_buffer(patient, size):
    footprint = footprint_of(patient)
    with Reading(patient.address, 200, "/give-same?%d" % size) as readers:
        assert_served(patient.address)
        readers.assert_all_are_there()
        assert_small(footprint, 200, 32 << 10)
        assert SANITIZED or footprint.resident + footprint.growth < 100 * MIB


# The limits, each of one second.


@pytest.fixture(scope="module")
def impatient(shared_server, worker_kind):
    limits = ("--header-timeout", "1", "--body-timeout", "1", "--body-min-rate", "1000", "--send-timeout", "1")
    return shared_server(*worker_kind, *limits, "--access-logfile", "-", "memory:app")


def test_a_connection_without_a_byte_is_closed_without_a_word(impatient):
    with Connection(impatient.address) as connection:
        connection.assert_closed()


def last_line(running, pattern):
    """The one line of the access log with this target or status."""

    def found():
        lines = [line for line in running.stdout.splitlines() if pattern in line]
        assert len(lines) < 2, lines
        return lines

    return wait_until(found, "a line with %r" % pattern)[0]


def test_a_head_that_does_not_end_is_answered_with_408(impatient):
    with Connection(impatient.address, source="127.0.0.2") as connection:
        connection.send(b"GET / HTTP/1.1\r\nHost: te")
        assert connection.read_response().status == 408
        connection.assert_closed()
    assert '"GET / HTTP/1.1" 408 ' in last_line(impatient, "127.0.0.2")  # the line had come


def test_a_body_that_stops_is_answered_with_408(impatient):
    with Connection(impatient.address) as connection:
        connection.send(request_bytes("/stops", [("Content-Length", "10")], "POST") + b"12345")
        assert connection.read_response().status == 408
        connection.assert_closed()
    assert '"POST /stops HTTP/1.1" 408 ' in last_line(impatient, "/stops")


def test_a_body_that_goes_on_too_slowly_is_answered_with_408(impatient):
    end = time.monotonic() + DEADLINE
    with Connection(impatient.address) as connection:
        connection.send(request_bytes("/crawls", [("Content-Length", "1000000")], "POST"))
        while not select.select([connection.sock], [], [], 0.1)[0]:
            assert time.monotonic() < end
            connection.send(b"x")
        assert connection.read_response().status == 408
    assert '"POST /crawls HTTP/1.1" 408 ' in last_line(impatient, "/crawls")


def test_a_client_that_reads_no_more_is_given_up(impatient):
    footprint = footprint_of(impatient)
    with Connection(impatient.address, receive_buffer=SMALL_BUFFER) as connection:
        connection.send(request_bytes("/give?64"))
        assert connection.read_head().status == 200
        line = last_line(impatient, "/give?64")
        assert '"GET /give?64 HTTP/1.1" 200 ' in line
        with pytest.raises((Truncated, ConnectionResetError)):
            connection.read_exactly(64 * MIB)
    wait_until(lambda: footprint.new_descriptors <= 0, "the connection is given back")


def test_a_client_that_reads_slowly_is_not_given_up(impatient):
    """It never makes room enough for the socket to be writable within send_timeout."""
    with Connection(impatient.address, receive_buffer=SMALL_BUFFER) as connection:
        connection.send(request_bytes("/give-same?8", [("Connection", "close")]))
        assert connection.read_head().status == 200
        begun = time.monotonic()
        while time.monotonic() < begun + 5:
            connection.read_exactly(2000)
            select.select([], [], [], 0.1)  # the pace of the client
        received = len(connection.read_to_end())
    assert received > 7 * MIB
    assert '"GET /give-same?8 HTTP/1.1" 200 %d ' % (8 * MIB) in last_line(impatient, "/give-same?8")
