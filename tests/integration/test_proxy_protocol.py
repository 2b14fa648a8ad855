"""The PROXY protocol: who the client is, and who may say so."""

import json
import re
import socket
import struct

import pytest

from raw_http import Connection, request_bytes
from server_process import wait_until

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LINE = b"PROXY TCP4 203.0.113.7 198.51.100.9 4711 443\r\n"
LOCAL, PROXY = 0x20, 0x21
TCP4, TCP6, UDP4, UNIX = 0x11, 0x21, 0x12, 0x31


def v2(block, command=PROXY, family=TCP4):
    return SIGNATURE + struct.pack("!BBH", command, family, len(block)) + block


def addresses(family, source, destination, source_port, destination_port):
    packed = socket.inet_pton(family, source) + socket.inet_pton(family, destination)
    return packed + struct.pack("!HH", source_port, destination_port)


V4 = addresses(socket.AF_INET, "203.0.113.7", "198.51.100.9", 4711, 443)
V6 = addresses(socket.AF_INET6, "2001:db8::7", "2001:db8::9", 4711, 443)
TLVS = b"\x01\x00\x02h2" + b"\x03\x00\x04abcd" + b"\x04\x00\x00"
NAMED = {
    "v1": (LINE, "TCP4", "203.0.113.7", "198.51.100.9"),
    "v1 ipv6": (b"PROXY TCP6 2001:db8::7 2001:db8::9 4711 443\r\n", "TCP6", "2001:db8::7", "2001:db8::9"),
    "v2": (v2(V4), "TCP4", "203.0.113.7", "198.51.100.9"),
    "v2 ipv6": (v2(V6, family=TCP6), "TCP6", "2001:db8::7", "2001:db8::9"),
    "v2 with extensions": (v2(V4 + TLVS), "TCP4", "203.0.113.7", "198.51.100.9"),
    "v2 with a large extension": (v2(V4 + b"\xea\x27\x10" + b"x" * 10000), "TCP4", "203.0.113.7", "198.51.100.9"),
}
UNNAMED = {
    "v1 UNKNOWN": (b"PROXY UNKNOWN\r\n", "UNKNOWN"),
    "v1 UNKNOWN with more": (b"PROXY UNKNOWN ffff::1 ::1 65535 1 junk\r\n", "UNKNOWN"),
    "v2 LOCAL": (v2(b"", LOCAL, 0), "LOCAL"),
    "v2 LOCAL with addresses": (v2(V4, LOCAL), "LOCAL"),
    "v2 UNSPEC": (v2(b"whatever", family=0), "UNSPEC"),
    "v2 UDP": (v2(V4, family=UDP4), "UNSPEC"),
    "v2 unix": (v2(b"/run/client".ljust(108, b"\0") * 2, family=UNIX), "UNSPEC"),
}
MALFORMED = {
    "v1 family": b"PROXY TCP5 203.0.113.7 198.51.100.9 4711 443\r\n",
    "v1 address": b"PROXY TCP4 203.0.113.700 198.51.100.9 4711 443\r\n",
    "v1 port": b"PROXY TCP4 203.0.113.7 198.51.100.9 4711 65536\r\n",
    "v1 bare line feed": b"PROXY TCP4 203.0.113.7 198.51.100.9 4711 443\n",
    "v1 without an end": b"PROXY TCP4 " + b"1" * 100000,
    "v2 version": v2(V4, 0x31),
    "v2 command": v2(V4, 0x22),
    "v2 family": v2(V4, family=0x41),
    "v2 short": v2(V4[:11]),
    "v2 extension": v2(V4 + b"\x01\x00\x05h2"),
    "v2 huge": SIGNATURE + struct.pack("!BBH", PROXY, TCP4, 65535) + b"x" * 65535,
}


@pytest.fixture(scope="module")
def tcp(shared_server, worker_kind):
    return shared_server(*worker_kind, "--proxy-protocol", "--access-logfile", "-", "probe:app")


def environ(response):
    assert response.status == 200, response
    return json.loads(response.body)["environ"]


def first_environ(address, header, headers=(), **options):
    """What the application sees of the first request behind these bytes."""
    with Connection(address, **options) as connection:
        connection.send(header + request_bytes("/", headers))
        return environ(connection.read_response())


@pytest.mark.parametrize("form", NAMED)
def test_the_client_of_a_header_is_the_peer_for_all_requests_of_its_connection(tcp, form):
    header, protocol, source, destination = NAMED[form]
    with Connection(tcp.address) as connection:
        connection.send(header + request_bytes("/") * 3)
        for _ in range(3):
            seen = environ(connection.read_response())
            assert (seen["REMOTE_ADDR"], seen["REMOTE_PORT"]) == (source, "4711")
            assert (seen["PROXY_PROTOCOL"], seen["PROXY_ADDR"], seen["PROXY_PORT"]) == (protocol, destination, "443")
            assert (seen["SERVER_NAME"], seen["SERVER_PORT"]) == (tcp.address[0], str(tcp.address[1]))
            if connection.is_over:  # a busy sync worker closes instead
                break


@pytest.mark.parametrize("form", UNNAMED)
def test_a_header_that_names_nobody_leaves_the_addresses_of_the_connection(tcp, form):
    header, protocol = UNNAMED[form]
    with Connection(tcp.address) as connection:
        connection.send(header + request_bytes("/"))
        seen = environ(connection.read_response())
        assert (seen["REMOTE_ADDR"], seen["REMOTE_PORT"]) == ("127.0.0.1", str(connection.sock.getsockname()[1]))
    assert seen["PROXY_PROTOCOL"] == protocol
    assert "PROXY_ADDR" not in seen and "PROXY_PORT" not in seen


@pytest.mark.parametrize("form", ["v1", "v2 with extensions", "v1 UNKNOWN", "v2 LOCAL"])
def test_a_header_may_come_byte_by_byte(tcp, form):
    header = {**NAMED, **UNNAMED}[form][0]
    with Connection(tcp.address) as connection:
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(len(header)):
            connection.send(header[i : i + 1])
        connection.send(request_bytes("/"))
        expected = NAMED[form][2] if form in NAMED else "127.0.0.1"
        assert environ(connection.read_response())["REMOTE_ADDR"] == expected


def test_a_connection_without_a_header_is_served_as_it_is(tcp):
    for before in (b"", b"\r\n"):
        seen = first_environ(tcp.address, before)
        assert seen["REMOTE_ADDR"] == "127.0.0.1"
        assert not [key for key in seen if key.startswith("PROXY_")]


def test_a_request_that_begins_like_a_header_is_served_also_byte_by_byte(tcp):
    for request in (request_bytes("/", method="PROPFIND"), b"\r\n" + request_bytes("/")):
        with Connection(tcp.address) as connection:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i in range(len(request)):
                connection.send(request[i : i + 1])
            assert connection.read_response().status == 200


@pytest.mark.parametrize("form", MALFORMED)
def test_a_malformed_header_closes_the_connection_without_an_answer(tcp, form):
    before = len(tcp.log)
    with Connection(tcp.address) as connection:
        try:
            connection.send(MALFORMED[form] + request_bytes("/"))
        except OSError:
            pass  # it closes while bytes are on their way
        assert connection.read_to_end() == b""
    tcp.wait_for_log(r"\[WARNING\] Invalid PROXY header from ip=127.0.0.1: ")
    said = tcp.log[before:]
    assert said.count("\n") == 1 and "Traceback" not in said, said


def test_a_client_that_leaves_within_a_header_is_forgotten(tcp):
    for header in (LINE, v2(V4)):
        for size in (1, 6, len(header) - 1):
            with Connection(tcp.address) as connection:
                connection.send(header[:size])
                connection.sock.shutdown(socket.SHUT_WR)
                connection.assert_closed()
    assert first_environ(tcp.address, LINE)["REMOTE_ADDR"] == "203.0.113.7"


def test_a_second_header_is_no_request(tcp):
    with Connection(tcp.address) as connection:
        connection.send(LINE + LINE + request_bytes("/"))
        assert connection.read_response().status == 400
        connection.assert_closed()


def test_a_header_between_requests_is_no_request(tcp):
    with Connection(tcp.address) as connection:
        connection.send(LINE + request_bytes("/") + LINE.replace(b"203.0.113.7", b"192.0.2.66") + request_bytes("/"))
        assert environ(connection.read_response())["REMOTE_ADDR"] == "203.0.113.7"
        if not connection.is_over:
            assert connection.read_response().status == 400
        connection.assert_closed()


@pytest.mark.parametrize("header", [LINE, v2(V4), MALFORMED["v1 family"], MALFORMED["v2 huge"]])
def test_a_peer_that_may_not_is_answered_403_and_changes_nothing(tcp, header):
    with Connection(tcp.address, source="127.0.0.2") as connection:
        try:
            connection.send(header + request_bytes("/"))
        except OSError:
            pass
        response = connection.read_response()
        assert response.status == 403
    tcp.wait_for_log(r"\[WARNING\] Invalid request from ip=127.0.0.2: PROXY header of a peer")
    assert "Traceback" not in tcp.log
    assert first_environ(tcp.address, b"", source="127.0.0.2")["REMOTE_ADDR"] == "127.0.0.2"


@pytest.mark.parametrize(
    "mode, accepted, refused", [("v1", LINE, v2(V4)), ("v2", v2(V4), LINE), ("off", b"", LINE), ("off", b"", v2(V4))]
)
def test_a_mode_takes_its_own_version_only(shared_server, worker_kind, mode, accepted, refused):
    server = shared_server(*worker_kind, "--proxy-protocol", mode, "probe:app")
    assert first_environ(server.address, accepted)["REMOTE_ADDR"] == ("203.0.113.7" if accepted else "127.0.0.1")
    with Connection(server.address) as connection:
        connection.send(refused + request_bytes("/"))
        assert connection.read_response().status == 400


def test_true_in_a_file_takes_both_versions(shared_server, tmp_path_factory):
    path = tmp_path_factory.mktemp("conf") / "conf.py"
    path.write_text("proxy_protocol = True\nproxy_allow_ips = '127.0.0.0/24'\n")
    server = shared_server("-c", path, "probe:app")
    for header in (LINE, v2(V4)):
        assert first_environ(server.address, header, source="127.0.0.9")["REMOTE_ADDR"] == "203.0.113.7"


def test_a_header_counts_on_a_unix_socket(shared_server, worker_kind, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / ("proxy-%s.sock" % worker_kind[1])
    server = shared_server(*worker_kind, "--proxy-protocol", "auto", "probe:app", bind="unix:%s" % path)
    seen = first_environ(server.address, v2(V6, family=TCP6))
    assert (seen["REMOTE_ADDR"], seen["REMOTE_PORT"]) == ("2001:db8::7", "4711")
    seen = first_environ(server.address, v2(b"", LOCAL, 0))
    assert seen["REMOTE_ADDR"] == "" and "REMOTE_PORT" not in seen


def test_a_header_counts_over_ipv6(shared_server, worker_kind):
    server = shared_server(*worker_kind, "--proxy-protocol", "auto", "probe:app", bind="[::1]:0")
    assert first_environ(server.address, LINE)["REMOTE_ADDR"] == "203.0.113.7"


def test_the_access_log_shows_the_client(tcp):
    first_environ(tcp.address, LINE.replace(b"203.0.113.7", b"203.0.113.99"))
    wait_until(lambda: re.search(r"^203\.0\.113\.99 - - ", tcp.stdout, re.M), "the line of the access log")


HTTPS = [("X-Forwarded-Proto", "https"), ("SCRIPT_NAME", "/app")]


def test_headers_are_believed_when_the_proxy_is_listed_as_in_gunicorn(tcp, shared_server, worker_kind):
    for header in (LINE, v2(V4), b"PROXY UNKNOWN\r\n", v2(b"", LOCAL, 0)):
        assert first_environ(tcp.address, header, HTTPS[:1])["wsgi.url_scheme"] == "https"
    other = shared_server(*worker_kind, "--proxy-protocol", "auto", "--forwarded-allow-ips", "203.0.113.0/24", "probe:app")
    seen = first_environ(other.address, LINE, HTTPS)
    assert (seen["wsgi.url_scheme"], seen["SCRIPT_NAME"]) == ("http", "")


def test_a_client_behind_the_proxy_cannot_give_itself_another_address(shared_server, worker_kind, tmp_path_factory):
    """Unless it is a listed proxy, too."""
    path = tmp_path_factory.mktemp("forwarded") / "conf.py"
    path.write_text(
        "proxy_protocol = 'auto'\nx_forwarded_for_header = 'X-Forwarded-For'\nforwarded_allow_ips = '127.0.0.1,203.0.113.8'\n"
    )
    server = shared_server(*worker_kind, "-c", path, "probe:app")
    claim = [("X-Forwarded-For", "192.0.2.1")]
    assert first_environ(server.address, LINE, claim)["REMOTE_ADDR"] == "203.0.113.7"
    assert first_environ(server.address, LINE.replace(b"203.0.113.7", b"203.0.113.8"), claim)["REMOTE_ADDR"] == "192.0.2.1"
    assert first_environ(server.address, b"PROXY UNKNOWN\r\n", claim)["REMOTE_ADDR"] == "127.0.0.1"


def test_hooks_see_what_the_header_said(shared_server, worker_kind, tmp_path_factory):
    path = tmp_path_factory.mktemp("hook") / "conf.py"
    path.write_text(
        "proxy_protocol = 'auto'\n"
        "def pre_request(worker, req):\n"
        "    worker.log.info('seen %r %r %r', req.peer_addr[0], req.remote_addr, req.proxy_protocol_info)\n"
    )
    server = shared_server(*worker_kind, "-c", path, "probe:app")
    first_environ(server.address, LINE)
    first_environ(server.address, b"PROXY UNKNOWN\r\n")
    first_environ(server.address, b"")
    seen = server.wait_for_log(r"seen '127.0.0.1' \('(\S+)', \d+\) (.*)", 3)
    assert [address for address, _ in seen] == ["203.0.113.7", "127.0.0.1", "127.0.0.1"]
    assert "'proxy_protocol': 'TCP4', 'client_addr': '203.0.113.7', 'client_port': 4711" in seen[0][1]
    assert "'proxy_addr': '198.51.100.9', 'proxy_port': 443" in seen[0][1]
    assert "'proxy_protocol': 'UNKNOWN', 'client_addr': None, 'client_port': None" in seen[1][1]
    assert seen[2][1] == "None"
