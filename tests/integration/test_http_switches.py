"""The settings that make the parser less strict, and those about names of headers: without them and with them."""

import json

import pytest

from raw_http import Connection, request_bytes

SWITCHES = {
    "--permit-obsolete-folding": (b"GET / HTTP/1.1\r\nX-Fold: a\r\n\tb\r\n\r\n", 400, {"HTTP_X_FOLD": "a b"}),
    "--strip-header-spaces": (b"GET / HTTP/1.1\r\nX-Space \t: a\r\n\r\n", 400, {"HTTP_X_SPACE": "a"}),
    "--permit-unconventional-http-method": (b"m#x / HTTP/1.1\r\n\r\n", 400, {"REQUEST_METHOD": "m#x"}),
    "--permit-unconventional-http-version": (b"GET / HTTP/3.0\r\n\r\n", 505, {"SERVER_PROTOCOL": "HTTP/3.0"}),
    "--casefold-http-method": (b"get / HTTP/1.1\r\n\r\n", 400, {"REQUEST_METHOD": "GET"}),
}


def answer_to(address, data):
    """The status, and the environ of the application when it was asked."""
    with Connection(address) as connection:
        connection.send(data)
        response = connection.read_response()
        return response.status, json.loads(response.body)["environ"] if response.status == 200 else None


def environ_of(address, *headers):
    status, environ = answer_to(address, request_bytes("/", headers))
    assert status == 200
    return environ


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_is_off_by_default_and_works_when_it_is_on(shared_server, worker_kind, switch):
    data, refused_with, seen = SWITCHES[switch]
    assert answer_to(shared_server(*worker_kind, "probe:app").address, data)[0] == refused_with
    status, environ = answer_to(shared_server(*worker_kind, switch, "probe:app").address, data)
    assert status == 200
    assert {key: environ[key] for key in seen} == seen


@pytest.mark.parametrize("policy, seen", [("drop", None), ("dangerous", "a")])
def test_header_map_says_what_becomes_of_an_underscore(shared_server, worker_kind, policy, seen):
    address = shared_server(*worker_kind, "--header-map", policy, "probe:app").address
    assert environ_of(address, ("X_Under", "a")).get("HTTP_X_UNDER") == seen


def test_header_map_refuse_answers_400(shared_server, worker_kind):
    address = shared_server(*worker_kind, "--header-map", "refuse", "probe:app").address
    assert answer_to(address, request_bytes("/", [("X_Under", "a")]))[0] == 400
    assert "HTTP_X_DASH" in environ_of(address, ("X-Dash", "a"))


@pytest.mark.parametrize("trusted, seen", [("127.0.0.1", "me"), ("192.0.2.1", None)])
def test_forwarder_headers_pass_from_a_trusted_peer_only(shared_server, worker_kind, trusted, seen):
    arguments = ("--forwarder-headers", "remote_user", "--forwarded-allow-ips", trusted, "probe:app")
    environ = environ_of(shared_server(*worker_kind, *arguments).address, ("Remote_User", "me"), ("Other_User", "you"))
    assert environ.get("HTTP_REMOTE_USER") == seen
    assert "HTTP_OTHER_USER" not in environ


@pytest.mark.parametrize("policy", ["drop", "dangerous"])
def test_a_proxy_header_never_becomes_http_proxy(shared_server, worker_kind, policy):
    address = shared_server(*worker_kind, "--header-map", policy, "probe:app").address
    assert "HTTP_PROXY" not in environ_of(address, ("Proxy", "http://evil"))


@pytest.mark.parametrize("fields", [[b"Host: Shop.Example:80"], []])
def test_the_host_of_an_absolute_target_is_the_host(shared_server, worker_kind, fields):
    lines = [b"GET http://me:word@shop.example/p HTTP/1.1", *fields, b"", b""]
    status, environ = answer_to(shared_server(*worker_kind, "probe:app").address, b"\r\n".join(lines))
    assert (status, environ["HTTP_HOST"], environ["PATH_INFO"]) == (200, "shop.example", "/p")
