"""TLS by OpenSSL in the engine: what is offered, who is let in, what the application sees, and what comes of clients that
do not speak it well. Group `tls` of ./test runs other files of this folder over TLS as well."""

import contextlib
import json
import re
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest

import certificates
from raw_http import Connection, Truncated, client_hello, connect, get, only_plain, request_bytes, tls_context
from server_process import DEADLINE, wait_until

pytestmark = only_plain  # connections of these tests say themselves how they speak

HELLO = ["--certfile", certificates.server().chain, "--keyfile", certificates.server().key]


@pytest.fixture(scope="module")
def secure(shared_server, worker_kind):
    """A server of the kind, with more arguments."""

    def start(*arguments, app="probe:app"):
        return shared_server(*worker_kind, *HELLO, "--keep-alive", "30", *arguments, app)

    return start


def trusting(**options):
    return tls_context(root=certificates.root(), **options)


def limited(minimum=None, maximum=None, ciphers=None, protocols=None):
    context = trusting()
    if maximum:
        context.maximum_version = maximum
    if minimum:
        context.minimum_version = minimum
    if ciphers:
        context.set_ciphers(ciphers)
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


ONLY_1_2 = {"maximum": ssl.TLSVersion.TLSv1_2}
ONLY_1_3 = {"minimum": ssl.TLSVersion.TLSv1_3}


def environ_over(address, tls, target="/", **options):
    return json.loads(get(address, target, tls=tls, **options).body)["environ"]


def openssl_client(address, *options, send=b"", tls="-tls1_2"):
    """What `openssl s_client` says."""
    command = ["openssl", "s_client", "-connect", "%s:%d" % address, tls, *options]
    return subprocess.run(command, input=send, capture_output=True, timeout=DEADLINE).stdout.decode(errors="replace")


# what is offered


def test_curl_is_served_and_keeps_the_connection(secure):
    host, port = secure().address
    url = "https://localhost:%d/" % port
    resolved = ["--resolve", "localhost:%d:%s" % (port, host)]
    ran = subprocess.run(
        ["curl", "-sS", "--cacert", certificates.root().certificate, *resolved, "-w", "%{num_connects} %{http_version}\n", url, url],
        capture_output=True,
        timeout=DEADLINE,
    )
    assert ran.returncode == 0, ran.stderr
    assert re.findall(rb"^.*\}(\d 1\.1)$", ran.stdout, re.M) == [b"1 1.1", b"0 1.1"]


@pytest.mark.parametrize("versions, seen", [(ONLY_1_2, "TLSv1.2"), (ONLY_1_3, "TLSv1.3")], ids=["1.2", "1.3"])
def test_tls_1_2_and_1_3_are_spoken(secure, versions, seen):
    environ = environ_over(secure().address, limited(**versions))
    assert (environ["wsgi.url_scheme"], environ["HTTPS"], environ["SSL_PROTOCOL"]) == ("https", "on", seen)
    assert int(environ["SSL_CIPHER_USEKEYSIZE"]) >= 128 and environ["SSL_CIPHER"]
    assert environ["SSL_SESSION_RESUMED"] == "Initial"
    assert environ["SERVER_PORT"] == str(secure().address[1])


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_older_versions_are_refused(secure, version):
    said = openssl_client(secure().address, "-cipher", "ALL:@SECLEVEL=0", tls=version)
    assert "Cipher is (NONE)" in said or "Cipher    : 0000" in said, said


WEAK = ["NULL", "PSK", "SRP", "aNULL"]  # of what a client of today can still offer


@pytest.mark.parametrize("ciphers", WEAK)
def test_weak_ciphers_are_refused(secure, ciphers):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers + ":@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        connect(secure().address, tls=context)


@pytest.mark.parametrize(
    "setting, refused, accepted",
    [
        (["--ssl-version", "TLSv1_2"], ONLY_1_3, ONLY_1_2),
        (["--ssl-version", "TLSv1_3"], ONLY_1_2, ONLY_1_3),
        (["--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384"], {**ONLY_1_2, "ciphers": "ECDHE+AES128"}, ONLY_1_2),
    ],
    ids=["only 1.2", "only 1.3", "one cipher"],
)
def test_what_the_settings_leave_out_is_refused(secure, setting, refused, accepted):
    running = secure(*setting)
    with pytest.raises(ssl.SSLError):
        connect(running.address, tls=limited(**refused))
    running.wait_for_log(r"\[INFO\] TLS connection from ip=127.0.0.1: handshake failed: (unsupported protocol|no shared cipher)")
    assert get(running.address, tls=limited(**accepted)).status == 200


def test_a_client_that_offers_http_1_1_gets_it(secure):
    with connect(secure().address, tls=limited(protocols=["h2", "http/1.1"])) as sock:
        assert sock.selected_alpn_protocol() == "http/1.1"


def test_a_client_that_speaks_nothing_else_than_http_2_is_told_in_the_handshake(secure):
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        connect(secure().address, tls=limited(protocols=["h2"]))


def test_the_name_that_the_client_asks_for_is_in_the_environ(secure):
    assert environ_over(secure().address, trusting())["SSL_TLS_SNI"] == "localhost"
    assert "SSL_TLS_SNI" not in environ_over(secure().address, tls_context(), name=None)


def test_the_chain_is_sent_without_the_root(secure):
    said = openssl_client(secure().address, "-showcerts", tls="-tls1_3")
    assert said.count("BEGIN CERTIFICATE") == 2


def test_renegotiation_is_refused(secure):
    said = openssl_client(secure().address, send=b"R\n" + request_bytes("/"))
    assert "HTTP/1.1 200" not in said


def test_a_certificate_and_a_key_may_be_one_file(server):
    running = server("--certfile", certificates.server().chain_and_key, "hello:app")
    assert get(running.address, tls=trusting()).body == b"hello\n"


# sessions


@pytest.mark.parametrize("versions", [ONLY_1_2, ONLY_1_3], ids=["1.2", "1.3"])
def test_a_session_goes_on_with_any_worker(server, versions):
    running = server(*HELLO, "-w", "3", "probe:app")
    running.wait_for_workers(3)
    context = limited(**versions)
    session, pids = None, set()

    def once():
        nonlocal session
        with Connection(running.address, tls=context, session=session) as connection:
            seen = json.loads(connection.get("/", [("Connection", "close")]).body)
            assert seen["environ"]["SSL_SESSION_RESUMED"] == ("Resumed" if session else "Initial")
            assert connection.sock.session_reused is bool(session)
            session = connection.sock.session
            pids.add(seen["pid"])
        return len(pids) > 1

    wait_until(once, "another worker is met")
    assert once()


def test_a_session_of_somebody_else_is_a_full_handshake(secure, server):
    context = trusting()
    with Connection(secure().address, tls=context) as connection:
        connection.get("/")
        foreign = connection.sock.session
    running = server(*HELLO, "hello:app")
    with Connection(running.address, tls=context, session=foreign) as connection:
        assert connection.get("/").status == 200 and not connection.sock.session_reused


# certificates of clients


def asking(secure, how):
    return secure("--cert-reqs", how, "--ca-certs", certificates.root().certificate)


@pytest.mark.parametrize("how", ["1", "2"], ids=["optional", "required"])
@pytest.mark.parametrize("versions", [ONLY_1_2, ONLY_1_3], ids=["1.2", "1.3"])
def test_the_certificate_of_a_client_is_in_the_environ(secure, how, versions):
    alice = certificates.client()
    context = trusting(client=alice)
    for name, value in versions.items():
        setattr(context, name + "_version", value)
    session = None
    for resumed in ("Initial", "Resumed"):
        with Connection(asking(secure, how).address, tls=context, session=session) as connection:
            environ = json.loads(connection.get("/", [("Connection", "close")]).body)["environ"]
            session = connection.sock.session
        assert environ["SSL_SESSION_RESUMED"] == resumed
        assert environ["SSL_CLIENT_VERIFY"] == "SUCCESS"
        assert environ["SSL_CLIENT_S_DN"] == r"CN=alice,O=Tests\, Inc,C=DE"
        assert environ["SSL_CLIENT_I_DN"] == "CN=Root,O=Tests"
        assert environ["SSL_CLIENT_M_SERIAL"] == alice.serial
        assert environ["SSL_CLIENT_CERT"].split() == alice.certificate.read_text().split()
        assert environ["SSL_CLIENT_V_START"].endswith(" GMT") and environ["SSL_CLIENT_V_END"].endswith(" GMT")


def test_nobody_is_asked_for_a_certificate_by_default(secure):
    environ = environ_over(secure().address, trusting(client=certificates.client()))
    assert not [name for name in environ if name.startswith("SSL_CLIENT")]


def test_a_client_without_a_certificate_may_come_in_where_it_is_optional(secure):
    environ = environ_over(asking(secure, "1").address, trusting())
    assert environ["SSL_CLIENT_VERIFY"] == "NONE" and "SSL_CLIENT_CERT" not in environ


def refused_client(address, context):
    """With TLS 1.3 a client learns it when it reads."""
    with pytest.raises((ssl.SSLError, ConnectionError)) as raised:
        get(address, tls=context)
    return str(raised.value)


@pytest.mark.parametrize("how", ["1", "2"], ids=["optional", "required"])
def test_a_client_whose_certificate_nobody_vouches_for_is_refused(secure, how):
    running = asking(secure, how)
    stranger = certificates.client("eve", issuer=certificates.authority("Stranger"))
    assert "unknown ca" in refused_client(running.address, trusting(client=stranger)).lower().replace("_", " ")
    running.wait_for_log(r"handshake failed: certificate verify failed: unable to get (local )?issuer certificate")
    expired = certificates.client("bob", begins=-90, ends=-1)
    refused_client(running.address, trusting(client=expired))
    running.wait_for_log(r"handshake failed: certificate verify failed: certificate has expired")
    assert environ_over(running.address, trusting(client=certificates.client()))["SSL_CLIENT_VERIFY"] == "SUCCESS"


def test_a_client_without_a_certificate_is_refused_where_it_is_required(secure):
    running = asking(secure, "2")
    refused_client(running.address, trusting())
    running.wait_for_log(r"\[INFO\] TLS connection from ip=127.0.0.1: handshake failed: peer did not return a certificate")


def test_a_session_without_a_certificate_does_not_open_what_asks_for_one(server, tmp_path):
    """A reload keeps the keys of tickets; what a session may do is said by its context."""
    config = tmp_path / "c.py"
    config.write_text("certfile, keyfile = %r, %r\n" % tuple(map(str, HELLO[1::2])))
    open_one = server("-c", config, "hello:app")
    context = trusting()
    with Connection(open_one.address, tls=context) as connection:
        connection.get("/")
        session = connection.sock.session
    closed_one = server(*HELLO, "--cert-reqs", "2", "--ca-certs", certificates.root().certificate, "hello:app")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        get(closed_one.address, tls=context, session=session)


# the connection


def test_a_request_before_the_end_of_the_client_is_answered(secure):
    with Connection(secure().address, tls=trusting()) as connection:
        connection.send(request_bytes("/"))
        connection.sock.shutdown(socket.SHUT_WR)
        assert connection.read_response().status == 200
        connection.assert_closed()


def test_a_connection_ends_with_close_notify(secure):
    context = trusting()
    sock = socket.create_connection(secure().address, timeout=DEADLINE)
    with context.wrap_socket(sock, server_hostname="localhost", suppress_ragged_eofs=False) as secured:
        secured.sendall(request_bytes("/", [("Connection", "close")]))
        while secured.recv(65536):
            pass  # an end without close_notify would raise


@pytest.mark.parametrize("suppress", [True, False])
def test_a_ragged_end_is_logged_where_that_is_asked_for(server, tmp_path, suppress):
    config = tmp_path / "c.py"
    config.write_text("suppress_ragged_eofs = %r\n" % suppress)
    running = server(*HELLO, "-c", config, "hello:app")
    for _ in range(2):
        with Connection(running.address, tls=trusting()) as connection:
            connection.get("/")
            connection.sock.shutdown(socket.SHUT_WR)
            connection.assert_closed()
    if suppress:
        assert "close_notify" not in running.log
    else:
        running.wait_for_log(r"\[INFO\] TLS connection from ip=127.0.0.1: ended without close_notify")


def test_records_of_any_size_carry_pipelined_requests(secure):
    """A TLS connection by hand: many records in one packet, and many packets for one record."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with connect(secure().address, tls=None) as sock:

        def exchange(call):
            while True:
                try:
                    return call()
                except ssl.SSLWantReadError:
                    for byte in outgoing.read():
                        sock.sendall(bytes([byte]))
                    incoming.write(sock.recv(65536))

        exchange(tls.do_handshake)
        request = request_bytes("/")
        for _ in range(40):
            for byte in request:
                tls.write(bytes([byte]))
        sock.sendall(outgoing.read())
        received = b""
        while received.count(b"HTTP/1.1 200 OK\r\n") < 40:
            received += exchange(lambda: tls.read(65536))


@pytest.mark.parametrize("version, header", [
    ("v1", b"PROXY TCP4 203.0.113.7 198.51.100.9 4711 443\r\n"),
    ("v2", b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + struct.pack(">H", 12) + bytes([203, 0, 113, 7, 198, 51, 100, 9]) + struct.pack(">HH", 4711, 443)),
    ("auto", b""),
])  # fmt: skip
@pytest.mark.parametrize("piece", [1, 4096], ids=["byte by byte", "at once"])
def test_a_proxy_header_comes_before_the_handshake(secure, version, header, piece):
    running = secure("--proxy-protocol", version)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    data = header + outgoing.read()
    with connect(running.address, tls=None) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(data), piece):
            sock.sendall(data[at : at + piece])

        def read(call):
            while True:
                try:
                    return call()
                except ssl.SSLWantReadError:
                    sock.sendall(outgoing.read())
                    incoming.write(sock.recv(65536))

        read(tls.do_handshake)
        tls.write(request_bytes("/", [("Connection", "close")]))
        received = b""
        while b"\r\n\r\n" not in received or not received.endswith(b"}"):
            received += read(lambda: tls.read(65536))
    environ = json.loads(received.partition(b"\r\n\r\n")[2])["environ"]
    assert (environ["REMOTE_ADDR"], environ["HTTPS"]) == ("203.0.113.7" if header else "127.0.0.1", "on")


def test_an_echo_over_gunicorn_socket_is_encrypted(shared_server, worker_kind):
    running = shared_server(*worker_kind, *HELLO, "sockets:app")
    with Connection(running.address, tls=trusting()) as connection:
        assert connection.get("/facts").status == 200
        connection.assert_closed()


def test_a_certificate_that_has_expired_since_does_not_resume_its_session(server):
    short = certificates.issue(
        "/O=Tests/CN=short", certificates.root(), ends=6 / 86400, extensions=("extendedKeyUsage = clientAuth",)
    )
    running = server(*HELLO, "--cert-reqs", "2", "--ca-certs", certificates.root().certificate, "hello:app")
    context = trusting(client=short)
    with Connection(running.address, tls=context) as connection:
        assert connection.get("/").status == 200
        session = connection.sock.session
    end = certificates.openssl("x509", "-in", short.certificate, "-noout", "-enddate").strip().partition("=")[2]
    wait_until(lambda: time.time() > ssl.cert_time_to_seconds(end), "the certificate expires")
    with pytest.raises((ssl.SSLError, ConnectionError, Truncated)):
        get(running.address, tls=context, session=session)
    running.wait_for_log("handshake failed: the certificate of a resumed session has expired")


def test_what_the_application_wrote_itself_arrives_though_the_server_stops(server, worker_kind, tmp_path):
    (tmp_path / "writes.py").write_text(
        "def app(environ, start_response):\n"
        "    sock = environ['gunicorn.socket']\n"
        "    sock.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 1000000\\r\\n\\r\\n' + b'x' * 1000000)\n"
        "    sock.close()\n"
        "    raise StopIteration\n"
    )
    running = server(*worker_kind, *HELLO, "--access-logfile", "-", "writes:app", cwd=tmp_path, env={"PYTHONPATH": tmp_path})
    with Connection(running.address, tls=trusting(), receive_buffer=4096) as slow:
        slow.send(request_bytes("/"))
        head = slow.read_head()
        running.send_signal(signal.SIGTERM)
        running.wait_for_log("Handling signal: term")
        assert slow.read_body(head).body == b"x" * 1000000
    assert running.wait() == 0


def test_a_renewed_certificate_reaches_new_connections_and_loses_no_request(server, tmp_path, worker_kind):
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"

    def install(party):
        chain.write_text(party.chain.read_text())
        key.write_text(party.key.read_text())

    first, second = certificates.server(), certificates.server(ends=300)
    install(first)
    running = server(*worker_kind, "-w", "2", "--certfile", chain, "--keyfile", key, "--keep-alive", "30", "hello:app")
    context = trusting()
    failures, over = [], threading.Event()

    def load(fresh):
        try:
            with contextlib.ExitStack() as stack:
                kept = stack.enter_context(Connection(running.address, tls=context))
                for _ in range(20000):
                    if over.is_set():
                        return
                    response = get(running.address, tls=context) if fresh else kept.get("/")
                    assert response.status == 200
                failures.append("the load ended before the test")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a failed request
            failures.append(repr(error))

    def serial():
        with connect(running.address, tls=context) as sock:
            shown = ssl.DER_cert_to_PEM_cert(sock.getpeercert(binary_form=True))
        return shown.split() == second.certificate.read_text().split()

    threads = [threading.Thread(target=load, args=(fresh,)) for fresh in (True, True, False, False)]
    for thread in threads:
        thread.start()
    install(second)
    running.send_signal(signal.SIGHUP)
    running.wait_for_log("Reload complete")
    assert serial()
    key.write_text("broken\n")
    running.send_signal(signal.SIGHUP)
    running.wait_for_log(r"\[ERROR\] Reload given up, the running configuration and workers stay: (.*\n)*?.*key\.pem")
    assert serial()
    over.set()
    for thread in threads:
        thread.join()
    assert failures == []


# bad input


@pytest.fixture
def strict(shared_server, worker_kind):
    running = shared_server(*worker_kind, *HELLO, "--header-timeout", "1", "--access-logfile", "-", "hello:app")
    running.wait_for_workers(1)
    return running


def answer_to(address, data):
    with connect(address, tls=None) as sock:
        with contextlib.suppress(OSError):
            sock.sendall(data)
        return read_all(sock)


def read_all(sock):
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while data := sock.recv(65536):
            received += data
    return received


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "propfind"])
def test_plain_http_gets_a_plain_page_that_says_so(strict, method):
    before = len(strict.log)
    answer = answer_to(strict.address, b"%s / HTTP/1.1\r\nHost: a\r\n\r\n" % method.encode())
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n") and b"HTTPS" in answer
    assert b"Connection: close" in answer
    strict.wait_for_log(r"\[WARNING\] Invalid request from ip=127.0.0.1: Plain HTTP was sent to a port that speaks HTTPS")
    assert strict.log[before:].count("\n") == 1
    wait_until(lambda: '" 400 ' in strict.stdout, "the access log has it")


def test_tls_on_a_plain_port_is_named_in_the_log(shared_server, worker_kind):
    running = shared_server(*worker_kind, "hello:app")
    with pytest.raises(ssl.SSLError):
        connect(running.address, tls=trusting())
    running.wait_for_log(r"\[WARNING\] Invalid request from ip=127.0.0.1: .*TLS")
    assert get(running.address).status == 200


HELLO_BYTES = client_hello()
RUBBISH = {
    "NUL": bytes(5),
    "one byte of a record": b"\x16" + bytes(4),
    "noise": bytes(range(128, 256)) * 8,
    "a record that is too large": b"\x16\x03\x01\xff\xff" + bytes(70000),
    "a handshake that is too large": b"\x16\x03\x01\x40\x00\x01\xff\xff\xff" + bytes(16380),
    "no ClientHello": b"\x16\x03\x01\x00\x04\x02\x00\x00\x00",
    "application data": b"\x17\x03\x03\x00\x20" + bytes(32),
    "a spoiled ClientHello": HELLO_BYTES[:60] + b"\xff" * (len(HELLO_BYTES) - 60),
    "SSLv2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(37),
    "an alert": b"\x15\x03\x01\x00\x02\x02\x28",
}


@pytest.mark.parametrize("name", list(RUBBISH))
def test_rubbish_is_one_line_of_the_log(strict, name):
    (worker,) = strict.wait_for_workers(1)
    before = len(strict.log)
    answer = answer_to(strict.address, RUBBISH[name])
    assert answer == b"" or answer[0] == 0x15, "an alert or nothing"
    line = r"\[INFO\] TLS connection from ip=127.0.0.1: handshake failed: \S|the handshake did not end in time"
    wait_until(lambda: re.search(line, strict.log[before:]), "it is logged")
    assert strict.log[before:].count("\n") == 1
    assert strict.workers() == [worker] and get(strict.address, tls=trusting()).status == 200


@pytest.mark.parametrize("count", [1, 100, len(HELLO_BYTES)])
def test_who_stops_in_the_handshake_is_let_go_and_keeps_nobody_waiting(strict, count):
    data = HELLO_BYTES[:count]
    before = len(strict.log)
    with connect(strict.address, tls=None) as sock:
        sock.sendall(data)
        assert get(strict.address, tls=trusting()).status == 200
        read_all(sock)
    wait_until(lambda: "the handshake did not end in time" in strict.log[before:], "it is logged")


def test_who_leaves_before_a_word_is_no_line_of_the_log(strict):
    before = len(strict.log)
    for _ in range(3):
        connect(strict.address, tls=None).close()
    assert get(strict.address, tls=trusting()).status == 200
    assert strict.log[before:] == ""


def test_a_client_that_does_not_trust_us_is_told_of_in_the_log(strict):
    with pytest.raises(ssl.SSLError):
        get(strict.address, tls=tls_context(root=certificates.authority("Stranger")))
    strict.wait_for_log(r"\[INFO\] TLS connection from ip=127.0.0.1: handshake failed: .*alert unknown ca")


def test_a_record_that_was_changed_on_its_way_ends_the_connection(strict):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with connect(strict.address, tls=None) as sock:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                sock.sendall(outgoing.read())
                incoming.write(sock.recv(65536))
        tls.write(request_bytes("/"))
        data = bytearray(outgoing.read())
        data[-1] ^= 1
        sock.sendall(data)
        read_all(sock)
    strict.wait_for_log(r"\[INFO\] TLS connection from ip=127.0.0.1: broke off: decryption failed or bad record mac")
