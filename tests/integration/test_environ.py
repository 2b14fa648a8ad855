"""What an application finds in its environ, for each kind of listener."""

import json

import pytest

from raw_http import Connection, get


@pytest.fixture(scope="module")
def tcp(shared_server, worker_kind):
    return shared_server(*worker_kind, "probe:app")


def probe(address, target="/", headers=(), method="GET", body=None):
    return json.loads(get(address, target, headers, method, body).body)


def environ_of(address, *arguments, **options):
    return probe(address, *arguments, **options)["environ"]


def test_the_request_line_is_there_decoded_and_raw(tcp):
    environ = environ_of(tcp.address, "/a%20b/%C3%A9?x=1&y=%20")
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["PATH_INFO"] == "/a b/\u00c3\u00a9", "bytes of the path as latin-1 (PEP 3333)"
    assert environ["RAW_URI"] == "/a%20b/%C3%A9?x=1&y=%20"
    assert environ["QUERY_STRING"] == "x=1&y=%20"
    assert environ["SCRIPT_NAME"] == ""
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"


def test_the_query_is_empty_text_where_there_is_none(tcp):
    assert environ_of(tcp.address, "/")["QUERY_STRING"] == ""


def test_an_encoded_slash_and_a_double_slash_are_kept(tcp):
    environ = environ_of(tcp.address, "//a//b%2Fc")
    assert (environ["PATH_INFO"], environ["RAW_URI"]) == ("//a//b/c", "//a//b%2Fc")


def test_an_absolute_target_gives_its_path(tcp):
    environ = environ_of(tcp.address, "http://elsewhere.example/p?q", [("Host", "elsewhere.example")])
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == ("/p", "q")
    assert environ["RAW_URI"] == "http://elsewhere.example/p?q"


def test_options_asterisk_is_served(tcp):
    assert environ_of(tcp.address, "*", method="OPTIONS")["PATH_INFO"] == "*"


def test_the_server_is_the_listener_and_the_peer_is_the_client_over_tcp(tcp):
    with Connection(tcp.address) as connection:
        environ = json.loads(connection.get("/", [("Host", "other.example:99")]).body)["environ"]
        assert environ["REMOTE_PORT"] == str(connection.sock.getsockname()[1])
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", str(tcp.address[1]))
    assert environ["HTTP_HOST"] == "other.example:99"


def test_the_server_is_the_listener_and_the_peer_is_the_client_over_ipv6(shared_server, worker_kind):
    server = shared_server(*worker_kind, "probe:app", bind="[::1]:0")
    environ = environ_of(server.address)
    assert environ["REMOTE_ADDR"] == "::1"
    assert environ["REMOTE_PORT"].isdigit()
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("::1", str(server.address[1]))


@pytest.mark.parametrize(
    "host, expected", [("name.example", ("name.example", "80")), ("name.example:8080", ("name.example", "8080"))]
)
def test_the_server_is_what_host_says_over_a_unix_socket(shared_server, worker_kind, tmp_path_factory, host, expected):
    path = tmp_path_factory.getbasetemp() / ("%s.sock" % worker_kind[1])
    environ = environ_of(shared_server(*worker_kind, "probe:app", bind="unix:%s" % path).address, "/", [("Host", host)])
    assert environ["REMOTE_ADDR"] == ""
    assert "REMOTE_PORT" not in environ
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == expected


def test_headers_become_http_variables(tcp):
    environ = environ_of(tcp.address, "/", [("X-One", "1"), ("User-Agent", "t"), ("accept", "a/b")])
    assert (environ["HTTP_X_ONE"], environ["HTTP_USER_AGENT"], environ["HTTP_ACCEPT"]) == ("1", "t", "a/b")


def test_a_header_that_comes_twice_is_joined(tcp):
    environ = environ_of(tcp.address, "/", [("X-Twice", "a"), ("X-Other", "o"), ("x-twice", "b")])
    assert environ["HTTP_X_TWICE"] == "a,b"


@pytest.mark.parametrize("value", ["1", "", "12"])
def test_a_header_that_says_the_same_twice_is_joined_as_well(tcp, value):
    environ = environ_of(tcp.address, "/", [("X-Twice", value), ("X-Other", "o"), ("X-Twice", value)])
    assert environ["HTTP_X_TWICE"] == "%s,%s" % (value, value)


def test_a_header_in_latin_1_arrives(tcp):
    assert environ_of(tcp.address, "/", [("X-Name", "J\u00fcrgen")])["HTTP_X_NAME"] == "J\u00fcrgen"


def test_content_type_and_length_have_no_prefix(tcp):
    environ = environ_of(tcp.address, "/", [("Content-Type", "text/x")], "POST", b"12")
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("text/x", "2")
    assert "HTTP_CONTENT_TYPE" not in environ and "HTTP_CONTENT_LENGTH" not in environ


def test_content_length_is_absent_where_the_client_sent_none(tcp):
    assert "CONTENT_LENGTH" not in environ_of(tcp.address)


def test_a_header_with_an_underscore_is_dropped(tcp):
    environ = environ_of(tcp.address, "/", [("X_Forged", "1"), ("X-Real", "2")])
    assert "HTTP_X_FORGED" not in environ
    assert environ["HTTP_X_REAL"] == "2"


def test_the_wsgi_variables_are_of_the_right_type(tcp, worker_kind):
    seen = probe(tcp.address)
    environ = seen["environ"]
    assert seen["version"] == [1, 0]
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["wsgi.run_once"] is False
    assert environ["wsgi.multiprocess"] is False
    assert environ["wsgi.multithread"] is ("gthread" in worker_kind)
    assert environ["wsgi.input_terminated"] is True
    for name in ("wsgi.input", "wsgi.errors", "wsgi.file_wrapper"):
        assert name in environ
    wrong = {k: t for k, t in seen["types"].items() if not k.startswith(("wsgi.", "gunicorn.")) and t != "str"}
    assert not wrong


def test_multiprocess_is_true_with_two_workers(shared_server, worker_kind):
    assert environ_of(shared_server(*worker_kind, "-w", "2", "probe:app").address)["wsgi.multiprocess"] is True


def test_the_application_runs_in_the_main_thread_of_a_sync_worker_only(tcp, worker_kind):
    assert probe(tcp.address)["thread_is_main"] is ("sync" in worker_kind)


def test_server_software_names_gunicorn(tcp):
    assert environ_of(tcp.address)["SERVER_SOFTWARE"].startswith("gunicorn/")


def test_the_environ_of_one_request_is_not_seen_by_the_next(tcp):
    with Connection(tcp.address) as connection:
        first = json.loads(connection.get("/", [("X-First", "1")], "POST", b"abc").body)["environ"]
        second = json.loads(connection.get("/").body)["environ"]
    assert "HTTP_X_FIRST" in first
    assert "HTTP_X_FIRST" not in second and "CONTENT_LENGTH" not in second


@pytest.mark.parametrize(
    "name, value", [("X-Forwarded-Proto", "https"), ("X-Forwarded-Protocol", "ssl"), ("X-Forwarded-Ssl", "on")]
)
def test_a_trusted_proxy_says_that_it_was_https(tcp, name, value):
    assert environ_of(tcp.address, "/", [(name, value)])["wsgi.url_scheme"] == "https"


def test_a_proxy_that_nobody_trusts_says_nothing(shared_server, worker_kind):
    server = shared_server(*worker_kind, "--forwarded-allow-ips", "10.1.2.3", "probe:app")
    assert environ_of(server.address, "/", [("X-Forwarded-Proto", "https")])["wsgi.url_scheme"] == "http"


def test_proxies_that_disagree_are_refused(tcp):
    headers = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "off")]
    assert get(tcp.address, "/", headers).status == 400


def test_x_forwarded_for_does_not_change_the_peer(tcp):
    assert environ_of(tcp.address, "/", [("X-Forwarded-For", "9.9.9.9")])["REMOTE_ADDR"] == "127.0.0.1"


def test_script_name_of_a_trusted_peer_is_taken_off_the_path(tcp):
    environ = environ_of(tcp.address, "/prefix/page", [("SCRIPT_NAME", "/prefix")])
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/prefix", "/page")


def test_script_name_of_the_environment_is_taken_off_the_path(shared_server, worker_kind):
    server = shared_server(*worker_kind, "-e", "SCRIPT_NAME=/mounted", "probe:app")
    environ = environ_of(server.address, "/mounted/page")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/mounted", "/page")


def test_raw_env_is_in_os_environ_of_the_application(server, worker_kind, tmp_path):
    (tmp_path / "env_app.py").write_text(
        "import os\n"
        "def app(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [os.environ['A'].encode(), b' ', os.environ['SERVER_SOFTWARE'].encode()]\n"
    )
    running = server(*worker_kind, "-e", "A=x=y", "env_app:app")
    first, second = get(running.address).body.split()
    assert first == b"x=y" and second.startswith(b"gunicorn/")


def test_gunicorn_socket_is_the_socket_of_the_connection(tcp):
    assert probe(tcp.address)["types"].get("gunicorn.socket") == "socket"


def test_sys_argv_and_executable_are_fit_for_programs_that_look_at_them(server, tmp_path):
    (tmp_path / "look.py").write_text(
        "import subprocess, sys\n"
        "def app(environ, start_response):\n"
        "    ran = subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True)\n"
        "    start_response('200 OK', [])\n"
        "    return [('%s %s' % (ran.stdout.strip(), sys.argv[0])).encode()]\n"
    )
    answer, argv0 = get(server("look:app").address).body.decode().split()
    assert answer == "42", "sys.executable is a Python, not the server"
    assert "gunicorn" in argv0


@pytest.mark.parametrize(
    "headers, expected",
    [
        ([("Host", "[::1]:8000")], ("[::1]", "8000")),
        ([("Host", "[::1]")], ("[::1]", "80")),
        ([("Host", "name.example"), ("X-Forwarded-Proto", "https")], ("name.example", "443")),
    ],
)
def test_the_server_over_a_unix_socket_follows_host_and_scheme(shared_server, worker_kind, tmp_path_factory, headers, expected):
    path = tmp_path_factory.getbasetemp() / ("%s-2.sock" % worker_kind[1])
    environ = environ_of(shared_server(*worker_kind, "probe:app", bind="unix:%s" % path).address, "/", headers)
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == expected


def test_the_server_over_a_unix_socket_without_host_is_its_path(shared_server, worker_kind, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / ("%s-2.sock" % worker_kind[1])
    with Connection(shared_server(*worker_kind, "probe:app", bind="unix:%s" % path).address) as connection:
        connection.send(b"GET / HTTP/1.1\r\n\r\n")
        environ = json.loads(connection.read_response().body)["environ"]
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == (str(path), "")


def test_a_path_outside_of_script_name_is_a_500(tcp):
    assert get(tcp.address, "/elsewhere", [("SCRIPT_NAME", "/prefix")]).status == 500


def test_every_variable_of_gunicorn_is_there(tcp):
    names = set(environ_of(tcp.address, "/", [("Content-Type", "a/b")], "POST", b"x"))
    assert names >= {
        "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "RAW_URI", "SERVER_PROTOCOL", "SERVER_NAME",
        "SERVER_PORT", "SERVER_SOFTWARE", "REMOTE_ADDR", "REMOTE_PORT", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_HOST",
        "wsgi.version", "wsgi.url_scheme", "wsgi.input", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess",
        "wsgi.run_once", "wsgi.file_wrapper", "wsgi.input_terminated", "wsgi.early_hints", "gunicorn.socket",
    }  # fmt: skip
