"""docs/tls.md and examples/configs/tls.py do what they say."""

import json
import os
import re
import shutil
import ssl
import subprocess

import pytest

import certificates
from raw_http import Connection, get, tls_context
from server_process import EXAMPLES, ROOT

pytestmark = pytest.mark.skipif("GN_TLS" in os.environ, reason="names certificates of its own")

PAGE = (ROOT / "docs/tls.md").read_text()
LIVE = "/etc/letsencrypt/live/shop.example"


def block(language, word):
    """The one example of the page with that word in it."""
    found = [text for text in re.findall(r"^```%s\n(.*?)^```$" % language, PAGE, re.S | re.M) if word in text]
    assert len(found) == 1, found
    return found[0]


def put(party, folder):
    """The files of the page, as certbot leaves them."""
    shutil.copy(party.chain, folder / "fullchain.pem")
    shutil.copy(party.key, folder / "privkey.pem")


@pytest.fixture
def place(tmp_path):
    """The folder that stands for those of the page, with the certificate of a server."""
    put(certificates.server(), tmp_path)
    shutil.copy(certificates.root().certificate, tmp_path / "clients.pem")
    shutil.copy(certificates.server().encrypted_key, tmp_path / "encrypted.pem")
    return tmp_path


def moved(text, place):
    for folder in (LIVE, "/etc/shop", "/run"):
        text = text.replace(folder + "/", str(place) + "/")
    return re.sub(r"^bind = .*\n", "", text, flags=re.M)


def configuration(word, place):
    path = place / "gunicorn.conf.py"
    path.write_text(moved(block("python", word), place))
    return path


def trusted(**options):
    return tls_context(root=certificates.root(), **options)


def serial_shown_at(address):
    with Connection(address, tls=trusted()) as connection:
        shown = connection.sock.getpeercert()
    return shown["serialNumber"]


def test_the_first_configuration_serves_and_has_no_findings(run, server, place):
    config = configuration("# gunicorn.conf.py", place)
    checked = run("-c", config, "--check-config", "hello:app")
    assert (checked.status, checked.findings) == (0, []), checked
    running = server("-c", config, "hello:app")
    assert get(running.address, tls=trusted()).status == 200


def test_a_renewed_certificate_is_shown_after_the_hook_of_certbot(server, place):
    running = server("-c", configuration("# gunicorn.conf.py", place), "hello:app")
    assert serial_shown_at(running.address) == certificates.server().serial
    hook = place / "deploy"
    hook.write_text(moved(block("sh", "kill -HUP"), place))
    hook.chmod(0o755)

    put(certificates.client(), place)
    shutil.copy(certificates.root().key, place / "privkey.pem")  # of another certificate
    subprocess.run([hook], check=True)
    refused = re.search(r"`(Reload given up, .*?):", PAGE.replace("\n", " "))[1]
    running.wait_for_log(re.escape(refused))
    assert serial_shown_at(running.address) == certificates.server().serial

    renewed = certificates.server(ends=400)
    put(renewed, place)
    subprocess.run([hook], check=True)
    running.wait_for_log("Reload complete")
    assert serial_shown_at(running.address) == renewed.serial


def test_the_environ_has_what_the_table_lists(server, place):
    running = server("-c", configuration("cert_reqs = 2", place), "probe:app")
    with Connection(running.address, tls=trusted(client=certificates.client())) as connection:
        environ = json.loads(connection.get("/").body)["environ"]
    table = PAGE.partition("In the environ:")[2].partition("The names are")[0]
    listed = re.findall(r"`(HTTPS|SSL_\w+)`", table)
    assert sorted(key for key in environ if key == "HTTPS" or key.startswith("SSL_")) == sorted(listed)
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["SSL_CLIENT_VERIFY"] == "SUCCESS"
    assert environ["SSL_CLIENT_S_DN"] == r"CN=alice,O=Tests\, Inc,C=DE"
    assert environ["SSL_CLIENT_M_SERIAL"] == certificates.client().serial
    assert environ["SSL_TLS_SNI"] == "localhost"


STRANGER = "mallory"


@pytest.mark.parametrize("cert_reqs, served", [(0, {None, "alice", STRANGER}), (1, {None, "alice"}), (2, {"alice"})])
def test_clients_are_served_or_refused_as_the_table_says(server, place, cert_reqs, served):
    running = server("-c", configuration("cert_reqs = 2", place), "--cert-reqs", cert_reqs, "hello:app")
    clients = {
        None: None,
        "alice": certificates.client(),
        STRANGER: certificates.client(STRANGER, issuer=certificates.authority("Others")),
    }
    answered = set()
    for name, party in clients.items():
        try:
            assert get(running.address, tls=trusted(client=party)).status == 200
            answered.add(name)
        except (ssl.SSLError, ConnectionError):
            pass
    assert answered == served


def test_the_hook_gives_the_passphrase(run, server, place):
    config = configuration("SHOP_PASSPHRASE", place)
    environment = {"SHOP_PASSPHRASE": certificates.PASSPHRASE}
    checked = run("-c", config, "--check-config", "hello:app", env=environment)
    assert (checked.status, checked.findings) == (0, []), checked
    running = server("-c", config, "hello:app", env=environment)
    with Connection(running.address, tls=trusted()) as connection:
        assert connection.get("/").status == 200
        assert connection.sock.version() == "TLSv1.3"


def test_the_pair_for_a_try_serves(server, tmp_path):
    subprocess.run(["sh", "-c", block("sh", "openssl req")], cwd=tmp_path, check=True, capture_output=True)
    running = server("--certfile", "cert.pem", "--keyfile", "key.pem", "hello:app")
    context = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    assert get(running.address, tls=context).status == 200


def test_the_example_of_the_repository_serves_and_has_no_findings(run, server, place):
    config = EXAMPLES / "configs" / "tls.py"
    options = {"env": {"CERTIFICATES": place}}
    checked = run("-c", config, "--check-config", "hello:app", **options)
    assert (checked.status, checked.findings) == (0, []), checked
    running = server("-c", config, "hello:app", **options)
    assert get(running.address, tls=trusted()).status == 200
