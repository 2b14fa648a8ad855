"""tests/corpus/http over real sockets: each request once, in one piece. tests/unit/http reads them under every cut; the
README.md of the corpus has the format."""

import hashlib
import json
import re
import socket

import pytest

from http_corpus import unescaped
from raw_http import Connection, Truncated
from server_process import ROOT

CORPUS = ROOT / "tests/corpus/http"
SETTINGS = {
    "request_line": "limit_request_line",
    "fields": "limit_request_fields",
    "field_size": "limit_request_field_size",
    "body": "limit_request_body",
}
STATUS = dict(re.findall(r'\{ParseError::\w+, "(\w+)", (\d{3})', (ROOT / "src/http/parse_error.cc").read_text()))


class Case:
    def __init__(self, path):
        above, _, data = path.read_text(encoding="latin-1").partition("---\n")
        lines = [line.partition(": ")[::2] for line in above.splitlines() if not line.startswith("#")]
        self.data = unescaped("".join(data.splitlines()))
        self.expected = {key: unescaped(value) for key, value in lines if key not in ("field", "trailer")}
        limits = dict(limit.split("=") for limit in self.expected.get("limits", b"").decode().split())
        self.is_of_settings = limits.keys() <= SETTINGS.keys()  # the others are no settings
        self.settings = [(SETTINGS.get(name), int(value)) for name, value in sorted(limits.items())]
        self.settings += [(name, True) for name in self.expected.get("policy", b"").decode().split()]


def cases(folder):
    for path in sorted((CORPUS / folder).glob("*.txt")):
        case = Case(path)
        if case.is_of_settings:
            yield pytest.param(case, id=path.stem)


@pytest.fixture(scope="module")
def serve(shared_server, worker_kind, tmp_path_factory):
    folder = tmp_path_factory.mktemp("settings")

    def start(case):
        path = folder / ("conf%s.py" % "_".join("%s%s" % setting for setting in case.settings))
        path.write_text("".join("%s = %r\n" % setting for setting in case.settings))
        return shared_server(*worker_kind, "-c", path, "probe:app")

    return start


@pytest.mark.parametrize("case", cases("valid"))
def test_a_valid_request_reaches_the_application_as_it_was_sent(serve, case):
    with Connection(serve(case).address) as connection:
        connection.send(case.data)
        connection.sock.shutdown(socket.SHUT_WR)
        if case.data.startswith(b"HEAD "):
            assert connection.read_head().status == 200
            return
        response = connection.read_response()
        while response.status == 100:
            connection.is_over = False
            response = connection.read_response()
    assert response.status == 200, response
    seen = json.loads(response.body)
    for key, name in (("method", "REQUEST_METHOD"), ("target", "RAW_URI")):
        if key in case.expected:
            assert seen["environ"][name] == case.expected[key].decode("latin-1")
    if "body" in case.expected:
        assert seen["body_sha256"] == hashlib.sha256(case.expected["body"]).hexdigest()


@pytest.mark.parametrize("case", cases("invalid"))
def test_an_invalid_request_is_refused_with_its_status_and_a_close(serve, case):
    server = serve(case)
    error = case.expected["error"].decode()
    with Connection(server.address) as connection:
        connection.send(case.data)
        connection.sock.shutdown(socket.SHUT_WR)
        if error == "incomplete":
            with pytest.raises((Truncated, ConnectionResetError)):
                connection.read_response()
            return
        response = connection.read_response()
        while response.status == 100:
            connection.is_over = False
            response = connection.read_response()
        assert (response.status, response.get("Connection")) == (int(STATUS[error]), "close"), response
        connection.assert_closed()
