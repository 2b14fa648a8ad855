"""What a peer may say about the client, the scheme and the place of the application, and whose word counts."""

import json
import re

import pytest

from raw_http import Connection, request_bytes
from server_process import wait_until

TRUSTED = "127.0.0.1"  # by default
STRANGER = "127.0.0.2"


@pytest.fixture(scope="module")
def tcp(shared_server, worker_kind):
    return shared_server(*worker_kind, "probe:app")


@pytest.fixture(scope="module")
def behind_proxies(shared_server, worker_kind, tmp_path_factory):
    path = tmp_path_factory.mktemp("conf") / "conf.py"
    path.write_text(
        "x_forwarded_for_header = 'X-Forwarded-For'\n"
        "forwarded_allow_ips = '127.0.0.1,::1,10.0.0.0/8,2001:db8:a::/48'\n"
        "accesslog = '-'\n"
        "access_log_format = '%(h)s %(U)s %(s)s'\n"
    )
    return shared_server(*worker_kind, "-c", path, "probe:app")


def ask(address, headers=(), target="/", source=None):
    with Connection(address, source=source) as connection:
        connection.send(request_bytes(target, headers))
        return connection.read_response()


def environ_of(address, headers=(), target="/", source=None):
    response = ask(address, headers, target, source)
    assert response.status == 200, response
    return json.loads(response.body)["environ"]


# Who is trusted.


@pytest.mark.parametrize(
    "allowed, source, is_trusted",
    [
        ("127.0.0.1,::1", TRUSTED, True),
        ("127.0.0.1,::1", STRANGER, False),
        ("127.0.0.0/8", STRANGER, True),
        ("127.0.0.0/255.0.0.0", STRANGER, True),
        ("127.0.0.2/31", "127.0.0.3", True),
        ("127.0.0.2/31", "127.0.0.4", False),
        ("*", STRANGER, True),
        ("10.0.0.0/8,*", STRANGER, True),
        ("::ffff:127.0.0.2", STRANGER, True),
        ("::/0", TRUSTED, False),
        ("", TRUSTED, False),
    ],
)
def test_a_peer_is_trusted_when_it_is_listed(shared_server, allowed, source, is_trusted):
    server = shared_server("--forwarded-allow-ips", allowed, "probe:app")
    seen = environ_of(server.address, [("X-Forwarded-Proto", "https")], source=source)
    assert seen["wsgi.url_scheme"] == ("https" if is_trusted else "http")


@pytest.mark.parametrize("allowed, is_trusted", [("::1", True), ("127.0.0.1", False), ("::/64", True), ("fe80::/10", False)])
def test_a_peer_of_ipv6_is_trusted_when_it_is_listed(shared_server, allowed, is_trusted):
    server = shared_server("--forwarded-allow-ips", allowed, "probe:app", bind="[::1]:0")
    seen = environ_of(server.address, [("X-Forwarded-Proto", "https")])
    assert seen["wsgi.url_scheme"] == ("https" if is_trusted else "http")


def test_an_ipv4_peer_of_an_ipv6_socket_is_judged_as_ipv4(shared_server):
    server = shared_server("--forwarded-allow-ips", STRANGER, "probe:app", bind="[::]:0")
    for source, scheme in ((STRANGER, "https"), (TRUSTED, "http")):
        seen = environ_of((TRUSTED, server.address[1]), [("X-Forwarded-Proto", "https")], source=source)
        assert (seen["wsgi.url_scheme"], seen["REMOTE_ADDR"]) == (scheme, "::ffff:" + source)


def test_a_unix_peer_is_always_trusted(shared_server, worker_kind, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / ("trust-%s.sock" % worker_kind[1])
    server = shared_server(*worker_kind, "--forwarded-allow-ips", "10.1.2.3", "probe:app", bind="unix:%s" % path)
    assert environ_of(server.address, [("X-Forwarded-Proto", "https")])["wsgi.url_scheme"] == "https"


def test_the_default_comes_from_the_environment(server):
    running = server("probe:app", env={"FORWARDED_ALLOW_IPS": "127.0.0.2"})
    for source, scheme in ((STRANGER, "https"), (TRUSTED, "http")):
        assert environ_of(running.address, [("X-Forwarded-Proto", "https")], source=source)["wsgi.url_scheme"] == scheme


# The scheme.


@pytest.mark.parametrize(
    "headers, scheme",
    [
        ([("X-Forwarded-Proto", "http")], "http"),
        ([("X-Forwarded-Proto", "HTTPS")], "http"),
        ([("X-Forwarded-Proto", "https,https")], "http"),
        ([("x-forwarded-proto", "https")], "https"),
        ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "on"), ("X-Forwarded-Protocol", "ssl")], "https"),
        ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "https")], "https"),
        ([("X-Forwarded-Scheme", "https")], "http"),
        ([("Forwarded", "proto=https")], "http"),
    ],
)
def test_the_scheme_is_https_when_a_listed_header_has_its_value(tcp, headers, scheme):
    assert environ_of(tcp.address, headers)["wsgi.url_scheme"] == scheme


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")],
        [("X-Forwarded-Proto", "http"), ("X-Forwarded-Ssl", "on")],
    ],
)
def test_headers_that_disagree_about_the_scheme_are_refused_from_a_trusted_peer_only(tcp, headers):
    assert ask(tcp.address, headers).status == 400
    assert environ_of(tcp.address, headers, source=STRANGER)["wsgi.url_scheme"] == "http"


def test_only_the_headers_that_the_setting_names_tell_the_scheme(shared_server, worker_kind, tmp_path_factory):
    path = tmp_path_factory.mktemp("scheme") / "conf.py"
    path.write_text("secure_scheme_headers = {'Front-End-Https': 'On'}\n")
    server = shared_server(*worker_kind, "-c", path, "probe:app")
    assert environ_of(server.address, [("front-end-https", "On")])["wsgi.url_scheme"] == "https"
    assert environ_of(server.address, [("X-Forwarded-Proto", "https")])["wsgi.url_scheme"] == "http"


# The client.


@pytest.mark.parametrize(
    "fields, address",
    [
        (["203.0.113.7"], "203.0.113.7"),
        (["192.0.2.66, 203.0.113.7"], "203.0.113.7"),
        (["192.0.2.66, 203.0.113.7, 10.0.0.2, 10.0.0.1"], "203.0.113.7"),
        (["192.0.2.66", "203.0.113.7", "10.0.0.2,10.0.0.1"], "203.0.113.7"),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (["2001:db8:b::1, 2001:db8:a::1"], "2001:db8:b::1"),
        (["2001:DB8:B:0:0:0:0:1"], "2001:db8:b::1"),
        (["192.0.2.66, unknown, 10.0.0.2"], "10.0.0.2"),
        (["192.0.2.66, unknown"], TRUSTED),
        (["192.0.2.66\t,203.0.113.7 ,, "], "203.0.113.7"),
        (["203.0.113.7\x80"], TRUSTED),
        ([""], TRUSTED),
        ([], TRUSTED),
    ],
)
def test_the_client_is_the_rightmost_address_that_is_no_proxy(behind_proxies, fields, address):
    headers = [("X-Forwarded-For", field) for field in fields]
    seen = environ_of(behind_proxies.address, headers)
    assert seen["REMOTE_ADDR"] == address
    assert seen.get("HTTP_X_FORWARDED_FOR", "") == ",".join(field.strip() for field in fields)


@pytest.mark.parametrize(
    "entry, address, port",
    [
        ("203.0.113.7:4711", "203.0.113.7", "4711"),
        ("[2001:db8:b::1]:4711", "2001:db8:b::1", "4711"),
        ("[2001:db8:b::1]", "2001:db8:b::1", None),
        ("203.0.113.7", "203.0.113.7", None),
    ],
)
def test_the_port_is_the_one_of_the_entry_or_none(behind_proxies, entry, address, port):
    seen = environ_of(behind_proxies.address, [("X-Forwarded-For", entry)])
    assert (seen["REMOTE_ADDR"], seen.get("REMOTE_PORT")) == (address, port)


def test_a_peer_that_is_no_proxy_says_nothing_about_itself(behind_proxies):
    seen = environ_of(behind_proxies.address, [("X-Forwarded-For", "203.0.113.7")], source=STRANGER)
    assert seen["REMOTE_ADDR"] == STRANGER and seen["REMOTE_PORT"].isdigit()


def test_each_request_of_a_connection_has_its_own_client(behind_proxies):
    with Connection(behind_proxies.address) as connection:
        for client in ("203.0.113.7", None, "203.0.113.8"):
            response = connection.get("/", [("X-Forwarded-For", client)] if client else ())
            assert json.loads(response.body)["environ"]["REMOTE_ADDR"] == (client or TRUSTED)


def test_with_a_star_alone_the_client_is_the_rightmost_address(shared_server, worker_kind, tmp_path_factory):
    path = tmp_path_factory.mktemp("star") / "conf.py"
    path.write_text("x_forwarded_for_header = 'X-FORWARDED-FOR'\nforwarded_allow_ips = '*'\n")
    server = shared_server(*worker_kind, "-c", path, "probe:app")
    seen = environ_of(server.address, [("X-Forwarded-For", "192.0.2.66, 203.0.113.7")], source=STRANGER)
    assert seen["REMOTE_ADDR"] == "203.0.113.7", "what is left of it is the client's own word"


def test_behind_a_unix_socket_the_client_gets_an_address(shared_server, worker_kind, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unix")
    (folder / "conf.py").write_text("x_forwarded_for_header = 'X-Forwarded-For'\n")
    server = shared_server(*worker_kind, "-c", folder / "conf.py", "probe:app", bind="unix:%s" % (folder / "s"))
    assert environ_of(server.address, [("X-Forwarded-For", "203.0.113.7")])["REMOTE_ADDR"] == "203.0.113.7"
    assert environ_of(server.address)["REMOTE_ADDR"] == ""


def test_the_access_log_shows_the_client_of_served_and_refused_requests(behind_proxies):
    forwarded = ("X-Forwarded-For", "203.0.113.44")
    environ_of(behind_proxies.address, [forwarded], "/served")
    wait_until(lambda: "203.0.113.44 /served 200" in behind_proxies.stdout, "the line of the served request")
    assert ask(behind_proxies.address, [forwarded, ("SCRIPT_NAME", "/app")], "/refused").status == 500
    wait_until(lambda: re.search(r"^203\.0\.113\.44 .* 500$", behind_proxies.stdout, re.M), "the line of the refused request")


# Where the application is mounted.


@pytest.mark.parametrize(
    "script_name, target, expected",
    [
        ("/app", "/app/page", ("/app", "/page")),
        ("/app", "/app", ("/app", "")),
        ("/app", "/app?x", ("/app", "")),
        ("/app", "/app//page", ("/app", "//page")),
        ("/app/", "/app/page", ("/app", "/page")),
        ("/", "/page", ("", "/page")),
        ("", "/page", ("", "/page")),
        ("/a%20b", "/a%20b/c%20d", ("/a%20b", "/c d")),
    ],
)
def test_script_name_is_taken_off_the_path(tcp, script_name, target, expected):
    seen = environ_of(tcp.address, [("SCRIPT_NAME", script_name)], target)
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == expected


@pytest.mark.parametrize("target", ["/other", "/apple", "/APP/page", "/%61pp/page"])
def test_a_path_outside_of_script_name_is_a_500_page_and_one_line(tcp, target):
    before = len(tcp.log)
    response = ask(tcp.address, [("SCRIPT_NAME", "/app")], target)
    assert response.status == 500
    assert b"Configuration problem" in response.body and b"SCRIPT_NAME" in response.body
    tcp.wait_for_log(r"\[WARNING\] Invalid request from ip=127.0.0.1: Configuration problem: Request path '%s'" % target)
    said = tcp.log[before:]
    assert said.count("\n") == 1 and "Traceback" not in said, said


def test_a_page_about_a_path_is_escaped(tcp):
    body = ask(tcp.address, [("SCRIPT_NAME", "/app")], "/<script>").body
    assert b"<script>" not in body and b"&lt;script&gt;" in body


def test_script_name_of_the_environment_counts_unless_a_trusted_peer_says_another(shared_server, worker_kind):
    server = shared_server(*worker_kind, "-e", "SCRIPT_NAME=/mounted/", "probe:app")
    seen = environ_of(server.address, target="/mounted/page")
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("/mounted", "/page")
    seen = environ_of(server.address, [("SCRIPT_NAME", "/other")], "/other/page")
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("/other", "/page")
    assert ask(server.address, [("SCRIPT_NAME", "/other")], "/other/page", STRANGER).status == 500


def test_script_name_that_the_application_sets_at_import_counts(server, tmp_path):
    (tmp_path / "mounted.py").write_text("import os\nos.environ['SCRIPT_NAME'] = '/here'\nfrom probe import app\n")
    seen = environ_of(server("mounted:app").address, target="/here/page")
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("/here", "/page")


def test_script_name_of_a_stranger_is_dropped(tcp):
    seen = environ_of(tcp.address, [("SCRIPT_NAME", "/app")], "/app/page", STRANGER)
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("", "/app/page")
    assert "HTTP_SCRIPT_NAME" not in seen


@pytest.mark.parametrize("header_map, leaves_header", [("drop", False), ("dangerous", True)])
def test_script_name_that_is_no_forwarder_header_mounts_nothing(shared_server, worker_kind, header_map, leaves_header):
    server = shared_server(*worker_kind, "--forwarder-headers", "REMOTE_USER", "--header-map", header_map, "probe:app")
    seen = environ_of(server.address, [("SCRIPT_NAME", "/app"), ("REMOTE_USER", "u")], "/app/page")
    assert seen["HTTP_REMOTE_USER"] == "u"
    assert ("HTTP_SCRIPT_NAME" in seen) is leaves_header
    assert seen["SCRIPT_NAME"] == ("/app" if leaves_header else "")


# Underscores.


@pytest.mark.parametrize(
    "header_map, source, name, outcome",
    [
        ("drop", TRUSTED, "X_User", None),
        ("drop", STRANGER, "X_User", None),
        ("drop", TRUSTED, "Remote_User", "u"),
        ("drop", STRANGER, "Remote_User", None),
        ("refuse", TRUSTED, "X_User", 400),
        ("refuse", STRANGER, "Remote_User", 400),
        ("refuse", TRUSTED, "Remote_User", "u"),
        ("dangerous", STRANGER, "X_User", "u"),
        ("dangerous", TRUSTED, "Remote_User", "u"),
    ],
)
def test_a_header_with_an_underscore_goes_by_policy(shared_server, worker_kind, header_map, source, name, outcome):
    server = shared_server(*worker_kind, "--forwarder-headers", "REMOTE_USER", "--header-map", header_map, "probe:app")
    response = ask(server.address, [(name, "u"), ("X-Other", "o")], source=source)
    if outcome == 400:
        assert response.status == 400
        return
    seen = json.loads(response.body)["environ"]
    assert seen.get("HTTP_" + name.upper()) == outcome
    assert seen["HTTP_X_OTHER"] == "o"


def test_a_header_with_an_underscore_never_joins_the_one_with_a_dash(tcp):
    for headers in ([("X_User", "forged"), ("X-User", "real")], [("X-User", "real"), ("X_User", "forged")]):
        assert environ_of(tcp.address, headers)["HTTP_X_USER"] == "real"
