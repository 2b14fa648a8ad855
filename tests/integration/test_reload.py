"""HUP: a check in a process of its own, then a new generation, one worker of it on trial, then the others one by one; whatever
cannot be served by new workers goes on being served by old ones."""

import os
import re
import signal
import socket
import threading
import time

import pytest

import certificates
from raw_http import Connection, Truncated, get, request_bytes, tls_context
from server_process import is_running, wait_until

VERSIONED = """
import os
def app(environ, start_response):
    text = ("%s " + str(os.getpid())).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
os.write(2, b"loaded\\n")
"""
COMPLETE = r"\[INFO\] Reload complete\."
GIVEN_UP = r"\[ERROR\] Reload given up, the running configuration and workers stay: (.*)"
# The check before a reload imports the application too.
ONLY_IN_WORKERS = "import os\nif os.getppid() == int(open('master').read()):\n    "
AT_THE_GATE = ONLY_IN_WORKERS + "import gate; gate.wait_at_gate('import')\n"


@pytest.fixture
def versions(tmp_path):
    """Writes the application `versioned:app`, which answers "NAME PID"."""

    def write(name, code=VERSIONED):
        # Replaced in one step, as deployments do: a worker may be importing it.
        (tmp_path / "versioned.new").write_text(code % name if "%s" in code else code)
        os.replace(tmp_path / "versioned.new", tmp_path / "versioned.py")

    write("one")
    return write


@pytest.fixture
def deployed(server, versions, tmp_path):
    """Starts a server of `versioned:app`; answers it and its workers, once all of them have loaded the first version."""

    def start(*arguments, workers=1, env=None):
        running = server("--workers", str(workers), *arguments, "versioned:app", env=env)
        (tmp_path / "master").write_text(str(running.pid))
        running.wait_for_log("loaded", workers)
        return running, running.wait_for_workers(workers)

    return start


def version(running):
    return get(running.address).body.decode().split()[0]


def reload(running, outcome=COMPLETE):
    """HUP, and what comes of it."""
    before = len(re.findall(outcome, running.log))
    running.send_signal(signal.SIGHUP)
    running.wait_for_log(outcome, before + 1)


def gone(running, *pids):
    wait_until(lambda: not any(map(is_running, pids)), lambda: "the end of %s\n%s" % (pids, running.describe()))


def test_a_reload_replaces_the_workers_and_reads_the_code_anew(deployed, versions, worker_kind):
    running, old = deployed(*worker_kind, workers=3)
    assert version(running) == "one"
    versions("two")
    assert version(running) == "one", "nothing changes by itself"
    reload(running)
    gone(running, *old)
    assert len(running.wait_for_workers(3)) == 3
    assert {version(running) for _ in range(20)} == {"two"}
    assert "Handling signal: hup" in running.log and "Hang up: Master" in running.log
    assert "exited with code" not in running.log and "was sent SIG" not in running.log


def test_a_reload_says_when_no_setting_has_changed(server):
    running = server("hello:app")
    running.wait_for_workers(1)
    reload(running)
    assert len(re.findall(r"\[INFO\] No setting has changed\.", running.log)) == 1
    assert "preload_app" not in running.log


def test_with_preload_app_a_reload_says_that_the_code_stays(deployed, versions):
    running, (old,) = deployed("--preload")
    versions("two")
    reload(running)
    gone(running, old)
    assert version(running) == "one"
    assert len(re.findall(r"\[WARNING\] With preload_app the code of the application stays.*USR2", running.log)) == 1


def test_with_preload_app_another_application_needs_a_restart(server, tmp_path):
    config = tmp_path / "c.py"
    config.write_text("preload_app = True\nwsgi_app = 'hello:app'\n")
    running = server("-c", config)
    (old,) = running.wait_for_workers(1)
    before = get(running.address, "/").body
    config.write_text("preload_app = True\nwsgi_app = 'kinds:app'\n")
    reload(running)
    gone(running, old)
    assert "[WARNING] Changed, but needs a restart: wsgi_app: 'hello:app'" in running.log
    assert get(running.address, "/").body == before


# What a deployment may break, and how the worker that tries it ends.
BROKEN = {
    "raises at import": ("raise RuntimeError('broken deployment')", 3),
    "no such name": ("application = None", 4),
    "leaves at import": ("raise SystemExit(0)", 0),
    "dies at import": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137),
}


@pytest.mark.parametrize("code, status", BROKEN.values(), ids=list(BROKEN))
def test_code_that_does_not_load_is_found_before_anything_changes(deployed, versions, code, status):
    running, old = deployed(workers=2)
    versions("", code)
    reload(running, GIVEN_UP)
    assert re.findall(GIVEN_UP, running.log) == ["the check of the configuration failed."]
    assert running.wait_for_workers(2) == old == sorted(running.boots())
    assert version(running) == "one"


@pytest.mark.parametrize("code, status", BROKEN.values(), ids=list(BROKEN))
def test_code_that_does_not_load_in_a_worker_leaves_the_old_ones_serving_until_a_good_reload(
    deployed, versions, worker_kind, code, status
):
    running, old = deployed(*worker_kind, workers=2)
    for attempt in range(2):
        versions("", ONLY_IN_WORKERS + code + "\n" + VERSIONED % "broken")
        if status == 4:
            versions("", VERSIONED % "broken" + ONLY_IN_WORKERS + "app = None\n")
        reload(running, GIVEN_UP)
        tried = running.boots()[-1]
        assert re.findall(GIVEN_UP, running.log)[-1] == (
            "the first new worker (pid:%d) ended with code %d before it was ready." % (tried, status))
        assert len(running.boots()) == 3 + attempt, "one worker tried it"
        assert running.wait_for_workers(2) == old
        assert version(running) == "one"
    assert not re.search(COMPLETE, running.log)
    versions("two")
    reload(running)
    gone(running, *old)
    assert {version(running) for _ in range(10)} == {"two"}


def test_an_old_worker_that_ends_while_the_new_one_still_boots_is_replaced(deployed, versions, gate):
    running, (first, second) = deployed(workers=2, env=gate.env)
    versions("two", AT_THE_GATE + VERSIONED % "two")
    running.send_signal(signal.SIGHUP)
    gate.wait_for("import")
    (gate.folder / "import.began").unlink()
    os.kill(first, signal.SIGKILL)
    gate.wait_for("import")  # its successor has no other code than that
    assert version(running) == "one", "somebody serves"
    gate.open("import")
    running.wait_for_log(COMPLETE)
    gone(running, second)
    assert version(running) == "two"
    assert len(running.wait_for_workers(2)) == 2


def test_a_worker_that_boots_for_longer_than_the_timeout_ends_the_reload(deployed, versions, gate):
    running, (old,) = deployed("--timeout", "2", env=gate.env)
    versions("two", AT_THE_GATE + VERSIONED % "two")
    reload(running, GIVEN_UP)
    assert running.wait_for_workers(1) == [old]
    assert version(running) == "one"


def test_a_second_signal_during_a_reload_is_one_more_reload(deployed, versions, gate):
    running, old = deployed(workers=2, env=gate.env)
    versions("two", AT_THE_GATE + VERSIONED % "two")
    running.send_signal(signal.SIGHUP)
    gate.wait_for("import")
    versions("three")
    for count in (1, 2, 3):
        running.send_signal(signal.SIGHUP)
        running.wait_for_log("A reload is under way; another one follows it", count)
    gate.open("import")
    running.wait_for_log(COMPLETE, 2)
    gone(running, *old)
    assert {version(running) for _ in range(10)} == {"three"}
    running.wait_for_workers(2)
    assert len(re.findall(COMPLETE, running.log)) == 2


def test_a_stop_during_a_reload_stops(deployed, versions, gate):
    running, _ = deployed(env=gate.env)
    versions("two", AT_THE_GATE + VERSIONED % "two")
    running.send_signal(signal.SIGHUP)
    gate.wait_for("import")
    running.send_signal(signal.SIGHUP)
    running.wait_for_log("another one follows")
    gate.open("import")
    assert running.stop() == 0
    assert "Reload given up" not in running.log


def test_a_reload_waits_for_a_request_that_an_old_worker_is_in(server, worker_kind, gate):
    running = server(*worker_kind, "gate:app", env=gate.env)
    with Connection(running.address) as connection:
        connection.send(request_bytes("/wait/one"))
        old = gate.wait_for()
        reload(running)
        assert int(get(running.address).body) != old
        gate.open()
        assert int(connection.read_response().body) == old
        connection.assert_closed()
    gone(running, old)


def test_a_kept_connection_is_served_once_more_by_the_worker_that_leaves(server, worker_kind):
    running = server(*worker_kind, "--keep-alive", "100", "kinds:app")
    for _ in range(10):
        (old,) = running.wait_for_workers(1)
        with Connection(running.address) as connection:
            assert int(connection.get("/pid").body) == old
            began = time.monotonic()
            reload(running)
            try:
                connection.send(request_bytes("/pid"))
                response = connection.read_response()
            except (OSError, Truncated):
                # The server goes on, so there is a second for it, not only the moment of a stop.
                assert time.monotonic() - began >= 1
                gone(running, old)
                continue
            assert int(response.body) == old
            assert response.get("Connection") == "close"
            connection.assert_closed()
            gone(running, old)
            return
    raise AssertionError("this machine is too slow")


def test_the_number_of_workers_is_that_of_the_settings_again(server, tmp_path):
    config = tmp_path / "c.py"
    config.write_text("def nworkers_changed(server, new, old):\n    server.log.info('workers %s, were %s', new, old)\n")
    running = server("-c", config, "--workers", "1", "hello:app")
    running.wait_for_workers(1)
    running.send_signal(signal.SIGTTIN)
    running.wait_for_workers(2)
    reload(running)
    running.wait_for_workers(1)
    assert re.findall(r"workers \d, were \w+", running.log) == ["workers 1, were None", "workers 2, were 1", "workers 1, were 2"]


def test_on_reload_is_called_before_a_new_worker_is_forked(server, tmp_path):
    config = tmp_path / "c.py"
    config.write_text(
        "def on_reload(server):\n    server.log.info('event: on_reload %s', server.num_workers)\n"
        "def pre_fork(server, worker):\n    server.log.info('event: pre_fork')\n"
    )
    running = server("-c", config, "hello:app")
    running.wait_for_workers(1)
    reload(running)
    assert re.findall(r"event: (.*)", running.log) == ["pre_fork", "on_reload 1", "pre_fork"]


@pytest.mark.parametrize("statement", ["raise RuntimeError('not today')", "raise SystemExit(5)"])
def test_a_raising_on_reload_undoes_the_reload(server, tmp_path, statement):
    config = tmp_path / "c.py"
    config.write_text("def on_reload(server):\n    %s\n" % statement)
    running = server("-c", config, "kinds:app")
    (old,) = running.wait_for_workers(1)
    running.send_signal(signal.SIGTTIN)
    both = running.wait_for_workers(2)
    reload(running, GIVEN_UP)
    assert running.wait_for_workers(2) == both
    assert running.boots() == both
    assert int(get(running.address, "/pid").body) in both


def test_a_reload_opens_the_log_files_anew(server, tmp_path):
    running = server("--error-logfile", tmp_path / "log", "hello:app", errorlog=tmp_path / "log")
    running.wait_for_workers(1)
    os.rename(tmp_path / "log", tmp_path / "log.1")
    reload(running)
    assert "Booting worker" in running.log


# certificates


@pytest.fixture
def certificate(tmp_path):
    """Puts what a party has into the file that the server reads, and answers the file."""
    path = tmp_path / "certificate.pem"

    def install(text):
        (tmp_path / "certificate.new").write_text(text)
        os.replace(tmp_path / "certificate.new", path)
        return path

    return install


def serial(running):
    with Connection(running.address, tls=tls_context(root=certificates.root())) as connection:
        return connection.sock.getpeercert()["serialNumber"]


def test_a_new_certificate_is_shown_once_its_worker_is_ready_and_until_then_the_old_one_is(deployed, versions, certificate, gate):
    first = certificates.server()
    second = certificates.server(key="rsa")
    path = certificate(first.chain_and_key.read_text())
    running, (old,) = deployed("--certfile", path, env=gate.env)
    certificate(second.chain_and_key.read_text())
    versions("two", AT_THE_GATE + VERSIONED % "two")
    running.send_signal(signal.SIGHUP)
    gate.wait_for("import")
    versions("one")
    os.kill(old, signal.SIGKILL)
    assert serial(running) == first.serial, "of its successor"
    gate.open("import")
    running.wait_for_log(COMPLETE)
    gone(running, running.boots()[2])
    assert serial(running) == second.serial


def test_a_certificate_that_cannot_be_read_leaves_the_running_one(deployed, certificate):
    party = certificates.server()
    path = certificate(party.chain_and_key.read_text())
    running, workers = deployed("--certfile", path, workers=2)
    certificate("nothing of the kind")
    reload(running, GIVEN_UP)
    assert "certificate.pem" in running.log
    assert running.wait_for_workers(2) == workers == sorted(running.boots())
    assert serial(running) == party.serial


# under load


class Load:
    """Clients on kept connections and on new ones, until they are told to end; each sends `most` requests at most. What is
    refused, cut or answered with anything but 200 is a failure."""

    def __init__(self, address, kept, new, most=200000):
        self.address, self.most = address, most
        self.failures, self.answers = [], []
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.client, args=(self.on_one_connection(),)) for _ in range(kept)]
        self.threads += [threading.Thread(target=self.client, args=(self.on_new_connections(),)) for _ in range(new)]
        for thread in self.threads:
            thread.start()

    def client(self, responses):
        try:
            for _, response in zip(range(self.most), responses):
                assert response.status == 200, response
                self.answers.append(response.body.decode())
                if self.is_over.is_set():
                    break
            else:
                raise AssertionError("the load ended before the test")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a failed request
            self.failures.append(repr(error))

    def on_one_connection(self):
        with Connection(self.address) as connection:
            used = time.monotonic()
            while True:
                # Whoever idles for as long as this must expect a close: this machine was busy elsewhere.
                if time.monotonic() - used > 0.5:
                    connection.is_over = True
                    connection.sock.shutdown(socket.SHUT_RDWR)
                response = connection.get("/")
                used = time.monotonic()
                yield response

    def on_new_connections(self):
        while True:
            yield get(self.address)

    def wait_for_answer(self, name):
        wait_until(lambda: self.failures or any(answer.startswith(name) for answer in self.answers), "an answer of " + name)

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()
        assert self.failures == []


@pytest.mark.parametrize("count", [1, 3], ids=["1 worker", "3 workers"])
def test_reloads_under_load_lose_no_request(deployed, versions, worker_kind, count):
    running, old = deployed(*worker_kind, workers=count)
    load = Load(running.address, kept=4, new=4)
    load.wait_for_answer("one")
    for name in ("two", "three"):
        versions(name)
        reload(running)
        load.wait_for_answer(name)
    versions("broken", "raise RuntimeError('broken')")
    reload(running, GIVEN_UP)
    load.end()
    gone(running, *old)
    assert {version(running) for _ in range(10)} == {"three"}
    assert "SIGKILL" not in running.log and "SIGABRT" not in running.log


def test_with_reuse_port_new_workers_listen_before_old_ones_leave(deployed, versions, worker_kind):
    # A connection that the kernel gives to a socket in the moment of its end is lost, as documented: kept ones only.
    running, old = deployed(*worker_kind, "--reuse-port", workers=2)
    load = Load(running.address, kept=4, new=0)
    load.wait_for_answer("one")
    versions("two")
    reload(running)
    load.wait_for_answer("two")
    load.end()
    gone(running, *old)
    assert {version(running) for _ in range(10)} == {"two"}
