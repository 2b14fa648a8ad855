"""The hook ssl_context: its context, of Python's ssl, makes the connections."""

import hashlib
import json
import os
import re
import signal
import ssl
import threading

import certificates
import pytest
from raw_http import Connection, Truncated, request_bytes, tls_context
from server_process import is_running, wait_until

TRUSTING = tls_context(root=certificates.root())

CONFIG = """
import ssl

certfile = {chain!r}
keyfile = {key!r}

def ssl_context(config, default_ssl_context_factory):
{body}
"""
DEFAULT = "return default_ssl_context_factory()"


@pytest.fixture
def hooked(server, tmp_path):
    """A server with a hook of this body."""

    def start(body, *arguments, party=None, begin=None, key=None, **changes):
        party = party or certificates.server()
        lines = "\n".join("    " + line for line in body.splitlines())
        config = CONFIG.format(chain=str(party.chain), key=str(key or party.key), body=lines)
        config += "".join("%s = %r\n" % change for change in changes.items())
        path = tmp_path / "hooked.py"
        path.write_text(config)
        return (begin or server)("--config", path, *arguments)

    return start


def ask(server, target="/", context=TRUSTING, name="localhost", **options):
    with Connection(server.address, tls=context, name=name) as connection:
        return connection.get(target, [("Connection", "close")], **options)


def environ_of(server, **options):
    return json.loads(ask(server, **options).body)["environ"]


def common_name(connection):
    subject = connection.sock.getpeercert()["subject"]
    return dict(pair for relative in subject for pair in relative)["commonName"]


def test_the_context_of_the_hook_decides_which_versions_are_spoken(hooked):
    server = hooked(
        "context = default_ssl_context_factory()\n"
        "context.minimum_version = ssl.TLSVersion.TLSv1_3\n"
        "return context",
        "probe:app",
    )
    assert environ_of(server)["SSL_PROTOCOL"] == "TLSv1.3"
    old = tls_context(root=certificates.root())
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match="alert protocol version"):
        Connection(server.address, tls=old)
    server.wait_for_log("TLS connection from ip=127.0.0.1: handshake failed: unsupported protocol")
    assert environ_of(server)["SSL_PROTOCOL"] == "TLSv1.3"


def test_the_default_context_speaks_http_1_from_tls_1_2_on_and_says_so(hooked):
    server = hooked(DEFAULT, "probe:app")
    context = tls_context(root=certificates.root())
    context.set_alpn_protocols(["h2", "http/1.1"])
    with Connection(server.address, tls=context) as connection:
        assert connection.sock.selected_alpn_protocol() == "http/1.1"
        assert connection.get().status == 200
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Connection(server.address, tls=context) as connection:
        assert connection.sock.version() == "TLSv1.2"
        assert connection.get().status == 200


def test_the_hook_is_called_once_a_worker(hooked, tmp_path):
    calls = tmp_path / "calls"
    body = "import os\nopen(%r, 'a').write('%%d %%s\\n' %% (os.getpid(), config.is_ssl))\n%s" % (str(calls), DEFAULT)
    server = hooked(body, "--workers", "2", "hello:app")
    workers = server.wait_for_workers(2)
    for _ in range(4):
        assert ask(server).status == 200
    lines = calls.read_text().split("\n")[:-1]
    assert sorted(lines) == sorted("%d True" % pid for pid in workers)


def test_a_callback_of_the_hook_chooses_the_certificate_by_the_name_that_was_asked_for(hooked):
    other = certificates.server(("other.test",))
    server = hooked(
        "context = default_ssl_context_factory()\n"
        "other = default_ssl_context_factory()\n"
        "other.load_cert_chain(%r, %r)\n"
        "def choose(connection, name, context):\n"
        "    if name == 'other.test':\n"
        "        connection.context = other\n"
        "    if name == 'refused.test':\n"
        "        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME\n"
        "context.sni_callback = choose\n"
        "return context" % (str(other.chain), str(other.key)),
        "probe:app",
    )
    for name in ("localhost", "other.test"):
        with Connection(server.address, tls=TRUSTING, name=name) as connection:
            assert common_name(connection) == name
            assert connection.get().status == 200
        assert environ_of(server, name=name)["SSL_TLS_SNI"] == name
    with pytest.raises(ssl.SSLError, match="unrecognized name"):
        Connection(server.address, tls=TRUSTING, name="refused.test")


def test_the_name_is_missing_where_a_client_asks_for_none(hooked):
    server = hooked(DEFAULT, "probe:app")
    assert "SSL_TLS_SNI" not in environ_of(server, context=tls_context(), name=None)


def test_the_hook_loads_a_key_with_its_passphrase(hooked):
    party = certificates.server()
    server = hooked(
        "context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)\n"
        "context.load_cert_chain(config.certfile, config.keyfile, password=%r)\n"
        "return context" % certificates.PASSPHRASE,
        "probe:app",
        key=party.encrypted_key,
    )
    assert environ_of(server)["wsgi.url_scheme"] == "https"


@pytest.mark.parametrize("worker", [(), ("--threads", "2")], ids=["sync", "gthread"])
def test_the_environ_says_what_the_handshake_settled(hooked, worker):
    environ = environ_of(hooked(DEFAULT, *worker, "probe:app"))
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["HTTPS"] == "on"
    told = {name: value for name, value in environ.items() if name.startswith("SSL_")}
    assert told == {
        "SSL_PROTOCOL": "TLSv1.3",
        "SSL_CIPHER": "TLS_AES_256_GCM_SHA384",
        "SSL_CIPHER_USEKEYSIZE": "256",
        "SSL_SESSION_RESUMED": "Initial",
        "SSL_TLS_SNI": "localhost",
    }


def test_a_session_is_resumed(hooked):
    server = hooked(DEFAULT, "probe:app")
    context = tls_context(root=certificates.root())
    with Connection(server.address, tls=context) as first:
        assert b'"SSL_SESSION_RESUMED": "Initial"' in first.get().body
        session = first.sock.session
    with Connection(server.address, tls=context, session=session) as second:
        assert b'"SSL_SESSION_RESUMED": "Resumed"' in second.get().body


REQUIRING = """
context = default_ssl_context_factory()
context.verify_mode = ssl.CERT_REQUIRED
context.verify_flags |= ssl.VERIFY_X509_STRICT
return context"""


def test_the_hook_asks_clients_for_certificates_by_rules_of_its_own(hooked):
    server = hooked(REQUIRING, "probe:app", ca_certs=str(certificates.root().certificate))
    alice = certificates.client()
    environ = environ_of(server, context=tls_context(root=certificates.root(), client=alice))
    assert environ["SSL_CLIENT_VERIFY"] == "SUCCESS"
    assert environ["SSL_CLIENT_S_DN"] == "CN=alice,O=Tests\\, Inc,C=DE"
    assert environ["SSL_CLIENT_I_DN"] == "CN=Root,O=Tests"
    assert environ["SSL_CLIENT_M_SERIAL"] == alice.serial
    assert environ["SSL_CLIENT_CERT"] == alice.certificate.read_text()
    for key in ("SSL_CLIENT_V_START", "SSL_CLIENT_V_END"):
        assert re.fullmatch(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT", environ[key])
    with pytest.raises((ssl.SSLError, Truncated, ConnectionResetError)):
        ask(server, context=TRUSTING)
    server.wait_for_log("handshake failed: peer did not return a certificate")


def test_both_ways_to_encrypt_tell_the_same_of_a_client(hooked, server, tmp_path):
    """The native one is asked by a server without the hook."""
    name = 'Zo\u00eb "Z" + #1;  <z>=\\'
    zoe = certificates.issue("/C=DE/O= #Tests /OU=a, b/CN=" + name.replace("\\", "\\\\").replace("+", "\\+"), certificates.root())
    context = tls_context(root=certificates.root(), client=zoe)
    options = {"ca_certs": str(certificates.root().certificate), "cert_reqs": 1}
    by_hook = environ_of(hooked(DEFAULT, "probe:app", **options), context=context)
    party = certificates.server()
    native = server(
        *("--certfile", party.chain, "--keyfile", party.key, "--ca-certs", certificates.root().certificate),
        *("--cert-reqs", "1", "probe:app"),
    )
    by_engine = environ_of(native, context=context)

    def told(environ):
        return {key: value for key, value in environ.items() if key.startswith("SSL_")}

    assert told(by_hook)["SSL_CLIENT_S_DN"].startswith("CN=Zo\\C3\\AB")
    assert told(by_hook) == told(by_engine)


def test_a_client_without_a_certificate_is_told_of_where_one_is_optional(hooked):
    server = hooked(DEFAULT, "probe:app", cert_reqs=1, ca_certs=str(certificates.root().certificate))
    environ = environ_of(server)
    assert environ["SSL_CLIENT_VERIFY"] == "NONE"
    assert "SSL_CLIENT_S_DN" not in environ


@pytest.mark.parametrize(
    "body, text",
    [
        ("raise LookupError('no vault')", r"The hook ssl_context made no TLS context:\n(?:.*\n)*LookupError: no vault"),
        ("return None", r"TypeError: ssl_context returned None, not an ssl.SSLContext"),
        ("return 'context'", r"TypeError: ssl_context returned 'context', not an ssl.SSLContext"),
    ],
    ids=["raises", "None", "text"],
)
def test_a_hook_without_a_context_keeps_the_worker_from_booting(hooked, run, server, body, text):
    ended = hooked(body, "hello:app", begin=server.launch)
    assert ended.wait() == 3
    assert "Exception in worker process" in ended.log
    assert re.search(text, ended.log), ended.log


def test_without_a_certificate_the_hook_is_not_called(server, tmp_path):
    config = tmp_path / "plain.py"
    config.write_text("def ssl_context(config, default_ssl_context_factory):\n    raise AssertionError\n")
    running = server("--config", config, "hello:app")
    with Connection(running.address, tls=None) as connection:
        assert connection.get().status == 200


def test_plain_http_gets_a_plain_answer(hooked):
    server = hooked(DEFAULT, "hello:app")
    with Connection(server.address, tls=None) as connection:
        response = connection.get()
        assert response.status == 400
        assert not response.keeps_alive
    assert ask(server).status == 200


def test_garbage_and_clients_that_leave_harm_nobody(hooked):
    server = hooked(DEFAULT, "hello:app")
    for garbage in (b"\x16\x03\x01\x00\x05hello", b"\0" * 100, b"\x16"):
        with Connection(server.address, tls=None) as connection:
            connection.send(garbage)
    server.wait_for_log("handshake failed", count=2)
    assert ask(server).status == 200


def test_a_proxy_header_comes_before_the_handshake(hooked):
    server = hooked(DEFAULT, "probe:app", proxy_protocol=True)
    with Connection(server.address, tls=None) as connection:
        connection.send(b"PROXY TCP4 192.0.2.7 192.0.2.8 4711 443\r\n")
        connection.sock = TRUSTING.wrap_socket(connection.sock, server_hostname="localhost")
        assert b'"REMOTE_ADDR": "192.0.2.7"' in connection.get().body


WORKERS = {"sync": (), "gthread": ("--threads", "4")}


@pytest.mark.parametrize("worker", list(WORKERS))
class TestTraffic:
    def test_connections_are_kept_and_requests_pipelined(self, hooked, worker):
        server = hooked(DEFAULT, *WORKERS[worker], "echo_request:app")
        with Connection(server.address, tls=TRUSTING) as connection:
            assert connection.get("/first").status == 200
            connection.send(b"".join(request_bytes("/%d" % i) for i in range(20)))
            assert [connection.read_response().status for _ in range(20)] == [200] * 20

    def test_large_bodies_arrive_whole_in_both_directions(self, hooked, worker, tmp_path):
        (tmp_path / "mirror.py").write_text(
            "def app(environ, start_response):\n"
            "    body = environ['wsgi.input'].read()\n"
            "    start_response('200 OK', [('Content-Length', str(len(body)))])\n"
            "    return [body]\n"
        )
        server = hooked(DEFAULT, *WORKERS[worker], "--pythonpath", tmp_path, "mirror:app")
        body = os.urandom(1 << 20) * 5
        with Connection(server.address, tls=TRUSTING) as connection:
            for _ in range(2):
                answer = connection.get("/", method="POST", body=body)
                assert hashlib.sha256(answer.body).digest() == hashlib.sha256(body).digest()

    def test_a_file_arrives_whole(self, hooked, worker, tmp_path):
        content = os.urandom(1 << 20) * 3 + b"end"
        (tmp_path / "content").write_bytes(content)
        (tmp_path / "filed.py").write_text(
            "def app(environ, start_response):\n"
            "    start_response('200 OK', [('Content-Length', %r)])\n"
            "    return environ['wsgi.file_wrapper'](open(%r, 'rb'))\n" % (str(len(content)), str(tmp_path / "content"))
        )
        server = hooked(DEFAULT, *WORKERS[worker], "--pythonpath", tmp_path, "filed:app")
        assert ask(server).body == content

    def test_a_slow_reader_keeps_nobody_else_waiting(self, hooked, worker, tmp_path):
        (tmp_path / "large.py").write_text(
            "def app(environ, start_response):\n"
            "    start_response('200 OK', [])\n"
            "    return [b'x' * (8 << 20)] if environ['PATH_INFO'] == '/large' else [b'small']\n"
        )
        server = hooked(DEFAULT, *WORKERS[worker], "--pythonpath", tmp_path, "large:app")
        with Connection(server.address, tls=TRUSTING, receive_buffer=4096) as slow:
            slow.send(request_bytes("/large"))
            head = slow.read_head()
            assert ask(server).body == b"small"
            assert slow.read_body(head).body == b"x" * (8 << 20)

    def test_many_connections_at_once_are_all_answered(self, hooked, worker):
        server = hooked(DEFAULT, *WORKERS[worker], "--worker-connections", "200", "hello:app")
        answers = []

        def client():
            with Connection(server.address, tls=TRUSTING) as connection:
                answers.extend(connection.get().status for _ in range(10))

        threads = [threading.Thread(target=client) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 300

    def test_the_end_of_an_answer_is_told_by_a_goodbye(self, hooked, worker):
        """A client that would take a cut connection for an error sees none."""
        server = hooked(DEFAULT, *WORKERS[worker], "hello:app")
        with Connection(server.address, tls=TRUSTING) as connection:
            connection.sock.suppress_ragged_eofs = False
            connection.send(request_bytes("/", version="HTTP/1.0"))
            response = connection.read_response()
            assert response.status == 200
            assert connection.sock.recv(1) == b""

    def test_an_upgraded_connection_is_relayed_as_plaintext(self, hooked, worker, tmp_path):
        (tmp_path / "upgraded.py").write_text(
            "import socket\n"
            "def app(environ, start_response):\n"
            "    sock = environ['gunicorn.socket']\n"
            "    sock.sendall(b'HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n')\n"
            "    while True:\n"
            "        data = sock.recv(65536)\n"
            "        if not data:\n"
            "            break\n"
            "        sock.sendall(data.upper())\n"
            "    sock.close()\n"
            "    return []\n"
        )
        server = hooked(DEFAULT, *WORKERS[worker], "--pythonpath", tmp_path, "upgraded:app")
        with Connection(server.address, tls=TRUSTING) as connection:
            connection.send(request_bytes("/", [("Connection", "Upgrade"), ("Upgrade", "echo")]) + b"early ")
            assert connection.read_head().status == 101
            assert connection.read_exactly(6) == b"EARLY "
            # In turns: a client's connection of Python's ssl is not for two threads at once.
            for size in (1, 100, 16384, 16385, 100000):
                connection.send(b"x" * size)
                assert connection.read_exactly(size) == b"X" * size

    def test_a_signal_whose_handler_exits_inside_of_the_callback_of_names_leaves_no_traceback(self, hooked, worker):
        server = hooked(
            "import os, signal\n"
            "context = default_ssl_context_factory()\n"
            "context.sni_callback = lambda *arguments: os.kill(os.getpid(), signal.SIGQUIT)\n"
            "return context",
            "--threads", "1",
            "hello:app",
        )
        (pid,) = server.wait_for_workers(1)
        with pytest.raises((OSError, Truncated)):
            ask(server)
        wait_until(lambda: not is_running(pid), "the end of the worker")
        assert server.stop() == 0
        assert "Traceback" not in server.log, server.log

    @pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGQUIT], ids=["TERM", "QUIT"])
    def test_a_signal_in_the_middle_of_traffic_ends_the_server_in_order(self, hooked, worker, signo):
        """Its handler may run inside of a call of ssl, and that of QUIT raises SystemExit."""
        server = hooked(DEFAULT, *WORKERS[worker], "hello:app")
        (pid,) = server.wait_for_workers(1)
        stop = threading.Event()

        def client():
            while not stop.is_set():
                try:
                    ask(server)
                except (OSError, Truncated):
                    return

        threads = [threading.Thread(target=client) for _ in range(4)]
        for thread in threads:
            thread.start()
        assert ask(server).status == 200
        status = server.stop(signo)
        stop.set()
        for thread in threads:
            thread.join()
        assert status == 0
        assert "Traceback" not in server.log, server.log
