"""What is said about the material of TLS: by a check, and by a start, which does not begin with what cannot work."""

import os
import shutil

import pytest

import certificates

pytestmark = pytest.mark.skipif("GN_TLS" in os.environ, reason="names certificates of its own")



def shop(**parts):
    """A configuration with the certificate and key of a server; `parts` replaces files and adds settings."""
    party = parts.pop("party", None) or certificates.server()
    lines = {"certfile": party.chain, "keyfile": party.key, **parts}
    return "".join("%s = %r\n" % (name, str(value) if isinstance(value, os.PathLike) else value)
                   for name, value in lines.items() if value is not None)


# name: (configuration, what is found as (line, setting, code), a word of what is said)
ERRORS = {
    "no such file": lambda: (shop(certfile="/nope.pem", keyfile=None), (1, "certfile", "no-such-file"), "/nope.pem"),
    "a folder": lambda: (shop(keyfile="/tmp"), (2, "keyfile", "not-readable"), "directory"),
    "no certificate": lambda: (shop(certfile=certificates.server().key), (1, "certfile", "bad-certificate"), "private key"),
    "no key": lambda: (shop(keyfile=None), (1, "certfile", "bad-certificate"), "keyfile"),
    "an encrypted key": lambda: (
        shop(keyfile=certificates.server().encrypted_key), (2, "keyfile", "bad-certificate"), "ssl_context"),
    "another key": lambda: (shop(keyfile=certificates.client().key), (2, "keyfile", "key-mismatch"), "does not belong"),
    "DER": lambda: (shop(certfile=certificates.server().der_certificate), (1, "certfile", "bad-certificate"), "-inform DER"),
    "a key in DER": lambda: (shop(keyfile=certificates.server().der_key), (2, "keyfile", "bad-certificate"), "-inform DER"),
    "PKCS #12": lambda: (shop(certfile=certificates.server().pkcs12), (1, "certfile", "bad-certificate"), "openssl pkcs12"),
    "a small key": lambda: (
        shop(party=certificates.server(key="weak rsa")), (1, "certfile", "bad-certificate"), "key too small"),
    "authorities without one": lambda: (
        shop(ca_certs=certificates.root().key, cert_reqs=2), (3, "ca_certs", "bad-certificate"), "no certificate"),
    "no cipher": lambda: (shop(ciphers="NO_SUCH_CIPHER"), (3, "ciphers", "bad-ciphers"), "NO_SUCH_CIPHER"),
    "suites of TLS 1.3": lambda: (shop(ciphers="TLS_AES_256_GCM_SHA384"), (3, "ciphers", "bad-ciphers"), "TLS 1.3"),
    "clients whom nobody vouches for": lambda: (shop(cert_reqs=2), (3, "cert_reqs", "no-client-authority"), "ca_certs"),
}
WARNINGS = {
    "expired": lambda: (shop(party=certificates.expired()), (1, "certfile", "certificate-expired"), "has expired"),
    "not valid yet": lambda: (
        shop(party=certificates.server(begins=2)), (1, "certfile", "certificate-expired"), "not before"),
    "expires soon": lambda: (
        shop(party=certificates.server(ends=12)), (1, "certfile", "certificate-expires-soon"), "expires on"),
    "without its issuer": lambda: (
        shop(certfile=certificates.server().certificate), (1, "certfile", "incomplete-chain"), "Intermediate"),
    "of a client": lambda: (
        shop(party=certificates.server(usage="clientAuth")), (1, "certfile", "not-for-servers"), "extendedKeyUsage"),
    "an unknown cipher": lambda: (
        shop(ciphers="ECDHE+AESGCM:ECDHE+CHACHA"), (3, "ciphers", "unknown-cipher"), "'ECDHE+CHACHA'"),
    "TLS 1.0": lambda: (shop(ssl_version=3), (3, "ssl_version", "tls-version-not-spoken"), "below TLS 1.2"),
    "no version": lambda: (shop(ssl_version="best"), (3, "ssl_version", "tls-version-not-spoken"), "'best'"),
    "some clients whom nobody vouches for": lambda: (
        shop(cert_reqs=1), (3, "cert_reqs", "client-certificates-refused"), "ca_certs"),
    "nobody is asked": lambda: (
        shop(ca_certs=certificates.root().certificate), (3, "ca_certs", "tls-detail-without-effect"), "cert_reqs"),
}
FINE = {
    "a chain": lambda: shop(),
    "RSA": lambda: shop(party=certificates.server(key="rsa")),
    "Ed25519": lambda: shop(party=certificates.server(key="ed25519")),
    "self-signed": lambda: shop(party=certificates.self_signed()),
    "one file": lambda: shop(certfile=certificates.server().chain_and_key, keyfile=None),
    "one file, the key first": lambda: shop(certfile=certificates.server().key_and_chain, keyfile=None),
    "client certificates": lambda: shop(ca_certs=certificates.root().certificate, cert_reqs=2),
    "a list as others have it": lambda: shop(ciphers="ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!MD5:!RC4", ssl_version="TLSv1_2"),
}


def found_in(ended):
    return [(one.line, one.setting, one.name, one.severity) for one in ended.findings]


def place(expected, severity):
    line, setting, name = expected
    return ("gunicorn.conf.py:%d" % line, setting, name, severity)


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_work_is_found_by_a_check_and_ends_a_start(run, tmp_path, name):
    text, expected, word = ERRORS[name]()
    (tmp_path / "gunicorn.conf.py").write_text(text)
    checked = run("--check-config", "hello:app")
    assert (checked.status, found_in(checked)) == (1, [place(expected, "error")]), checked
    assert word in checked.stderr
    started = run("--bind", "127.0.0.1:0", "hello:app")
    assert (started.status, found_in(started)) == (1, [place(expected, "error")]), started
    assert "Listening at" not in started.stderr


@pytest.mark.parametrize("name", WARNINGS)
def test_what_gunicorn_starts_with_is_a_warning_of_checks_and_starts(run, server, tmp_path, name):
    text, expected, word = WARNINGS[name]()
    (tmp_path / "gunicorn.conf.py").write_text(text)
    checked = run("--check-config", "hello:app")
    assert (checked.status, found_in(checked)) == (0, [place(expected, "warning")]), checked
    assert word in checked.stderr
    strict = run("--check-config", "--strict", "hello:app")
    assert strict.status == 1, strict
    started = server("hello:app")
    assert "%s: " % expected[1] in started.stderr and word in started.stderr


@pytest.mark.parametrize("name", FINE)
def test_material_that_works_gives_no_finding(run, tmp_path, name):
    (tmp_path / "gunicorn.conf.py").write_text(FINE[name]())
    checked = run("--check-config", "hello:app")
    assert (checked.status, checked.findings) == (0, []), checked


def test_a_key_that_everybody_may_read_is_a_warning(run, tmp_path):
    key = tmp_path / "key.pem"
    shutil.copy(certificates.server().key, key)
    key.chmod(0o644)
    (tmp_path / "gunicorn.conf.py").write_text(shop(keyfile="key.pem"))
    checked = run("--check-config", "hello:app")
    assert (checked.status, found_in(checked)) == (0, [("gunicorn.conf.py:2", "keyfile", "exposed-key", "warning")]), checked


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_workers_need_not_be_able_to_read_the_key(run, server, tmp_path):
    (tmp_path / "gunicorn.conf.py").write_text(shop() + "user = 65534\ngroup = 65534\n")  # the folder is root's
    checked = run("--check-config=host", "hello:app")
    assert [one for one in checked.findings if one.setting in ("certfile", "keyfile")] == [], checked


HOOK = """
def ssl_context(config, default_ssl_context_factory):
    %s
"""


@pytest.mark.parametrize("body, word", [
    ("return default_ssl_context_factory()", None),
    ("raise ValueError('no luck')", "ValueError: no luck"),
    ("default_ssl_context_factory()", "NoneType|None"),
    ("raise SystemExit(7)", "code 7"),
])
def test_a_full_check_calls_the_hook(run, tmp_path, body, word):
    (tmp_path / "gunicorn.conf.py").write_text(shop() + HOOK % body)
    checked = run("--check-config", "hello:app")
    if word is None:
        assert (checked.status, checked.findings) == (0, []), checked
        return
    assert (checked.status, found_in(checked)) == (1, [("gunicorn.conf.py:4", "ssl_context", "no-tls-context", "error")])
    assert any(one in checked.stderr for one in word.split("|")), checked
    at_host = run("--check-config=host", "hello:app")
    assert (at_host.status, at_host.findings) == (0, []), at_host


def test_with_the_hook_an_encrypted_key_is_its_own_affair(run, tmp_path):
    config = "import ssl\n" + shop(keyfile=certificates.server().encrypted_key) + HOOK % "\n    ".join([
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)",
        "context.load_cert_chain(config.certfile, config.keyfile, password=%r)" % certificates.PASSPHRASE,
        "return context",
    ])
    (tmp_path / "gunicorn.conf.py").write_text(config)
    checked = run("--check-config", "hello:app")
    assert (checked.status, checked.findings) == (0, []), checked


def test_details_beside_the_hook_are_a_note(run, tmp_path):
    text = shop(ciphers="NOSUCH", cert_reqs=2) + HOOK % "import ssl; return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)"
    (tmp_path / "gunicorn.conf.py").write_text(text)
    checked = run("--check-config", "hello:app")
    assert checked.status == 0
    assert sorted(found_in(checked)) == [
        ("gunicorn.conf.py:3", "ciphers", "tls-detail-beside-hook", "note"),
        ("gunicorn.conf.py:4", "cert_reqs", "tls-detail-beside-hook", "note"),
    ]
