"""The servers under test: how each is started, and whether it is here."""

import dataclasses
import functools
import importlib.util
import os
import pathlib
import resource
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATH = os.pathsep.join(str(ROOT / folder) for folder in ("examples", "bench/apps"))
PYTHON = "/usr/bin/python3"

NGINX = """\
daemon off; user root; worker_processes {workers}; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 75s; default_type text/plain;
  {temp_paths}
  server {{
    listen 127.0.0.1:{port} backlog=2048 {ssl};
    {tls}
    location / {{ return 200 "hello\\n"; }}
    location /64k {{ root {folder}; }}
  }}
}}
"""


# Cipher and group are the client's choice: it offers one of each.
NGINX_TLS = """\
ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets on; ssl_session_cache off; ssl_session_timeout 5m;\
"""


@dataclasses.dataclass(frozen=True)
class Setup:
    """What a case asks of every server."""

    application: str = "hello:app"
    workers: int = 1
    access_log: bool = False
    access_log_format: str = ""  # "" is the default
    many_connections: bool = False  # over 1000, kept for a minute
    pinned: bool = True  # to core 0
    tls: bool = False
    statsd: bool = False  # metrics over UDP, to a socket of this host that nobody reads
    environment: tuple = ()


CERTIFICATE, KEY = "certificate.pem", "key.pem"


@functools.lru_cache(maxsize=None)
def _material_folder():
    """What all servers of a run show: ECDSA over P-256, self-signed. The folder ends with the program."""
    folder = tempfile.TemporaryDirectory(prefix="bench-tls-")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
               "-out", CERTIFICATE, "-keyout", KEY]
    subprocess.run(command, cwd=folder.name, stderr=subprocess.DEVNULL, check=True)
    return folder


def material(name):
    return os.path.join(_material_folder().name, name)


@functools.lru_cache(maxsize=None)
def _statsd_socket():
    """The kernel drops what its buffer has no room for."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    return receiver


def gunicorn(program, *options):
    def command(setup, port, folder):
        words = [*program, "-b", "127.0.0.1:%d" % port, "-w", str(setup.workers), *options]
        if setup.access_log:
            words += ["--access-logfile", str(folder / "access.log")]
        if setup.access_log_format:
            words += ["--access-logformat", setup.access_log_format]
        if setup.many_connections:
            words += ["--worker-connections", "4000", "--keep-alive", "75"]
        if setup.tls:
            words += ["--certfile", material(CERTIFICATE), "--keyfile", material(KEY)]
        if setup.statsd:
            words += ["--statsd-host", "127.0.0.1:%d" % _statsd_socket().getsockname()[1]]
        return words + [setup.application]

    return command


def _uwsgi(setup, port, folder):
    return ["uwsgi", "--plugin", "python3", "--http11-socket", "127.0.0.1:%d" % port, "--master", "--die-on-term",
            "--need-app", "--processes", str(setup.workers), "--disable-logging", "--module", setup.application]


def _waitress(setup, port, folder):
    return [PYTHON, "-m", "waitress", "--listen", "127.0.0.1:%d" % port, setup.application]


def _nginx(setup, port, folder):
    (folder / "64k").write_bytes(b"x" * (64 << 10))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    (folder / "nginx.conf").write_text(NGINX.format(
        workers=setup.workers, port=port, folder=folder,
        ssl="ssl" if setup.tls else "",
        tls=NGINX_TLS.format(certificate=material(CERTIFICATE), key=material(KEY)) if setup.tls else "",
        temp_paths=" ".join("%s_temp_path %s/%s;" % (kind, folder, kind) for kind in kinds)))
    return ["/usr/sbin/nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    title: str
    command: object  # (Setup, port, folder) -> words
    needs: tuple = ()  # files and Python modules

    def missing(self):
        """What it lacks on this machine, or None."""
        for need in self.needs:
            if need.startswith("/") and not os.path.exists(need):
                return need
            if not need.startswith("/") and importlib.util.find_spec(need) is None:
                return "the Python module " + need
        return None


def kinds(binary):
    """All servers by name, in the order of the tables."""
    script = "/usr/bin/gunicorn"
    debian = [PYTHON, script]
    every = [
        Kind("sync", "this server, sync", gunicorn([binary]), (binary,)),
        Kind("gthread", "this server, gthread 8", gunicorn([binary], "--threads", "8"), (binary,)),
        Kind("gunicorn-sync", "Debian gunicorn, sync", gunicorn(debian), (script,)),
        Kind("gunicorn-gthread", "Debian gunicorn, gthread 8", gunicorn(debian, "--threads", "8"), (script,)),
        Kind("gunicorn-gevent", "Debian gunicorn, gevent", gunicorn(debian, "-k", "gevent"), (script, "gevent")),
        Kind("uwsgi", "uWSGI, http11-socket", _uwsgi, ("/usr/bin/uwsgi",)),
        Kind("waitress", "waitress", _waitress, ("waitress",)),
        Kind("nginx", "nginx, a constant", _nginx, ("/usr/sbin/nginx",)),
    ]
    return {kind.name: kind for kind in every}


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


_UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_UNVERIFIED.check_hostname = False
_UNVERIFIED.verify_mode = ssl.CERT_NONE


class Server:
    """One running server, in a session and a folder of its own."""

    def __init__(self, kind, setup):
        self.kind = kind
        self.tls = setup.tls
        self.port = _free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.folder = pathlib.Path(self._folder.name)
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": PATH, **dict(setup.environment)}
        cores = {0} if setup.pinned else set(range(os.cpu_count()))
        with open(self.folder / "output", "wb") as output:
            self._process = subprocess.Popen(
                kind.command(setup, self.port, self.folder), cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
        self.pid = self._process.pid

    def wait_until_ready(self, deadline=20):
        """Until the first 200; ends the program when there is none."""
        end = time.monotonic() + deadline
        while not self._answers():
            if time.monotonic() > end or self._process.poll() is not None:
                said = (self.folder / "output").read_text(errors="replace")[-2000:]
                self.stop()
                sys.exit("%s does not answer:\n%s" % (self.kind.title, said))
            time.sleep(0.001)

    def _answers(self):
        try:
            with self._connect() as client:
                client.sendall(b"GET /?0 HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                return client.recv(64).startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))
        except OSError:
            return False

    def _connect(self):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        return _UNVERIFIED.wrap_socket(client) if self.tls else client

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(1)  # some wait for kept connections, and nobody has any more
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self._process.wait()
        self._folder.cleanup()


def available(wanted, every):
    """The kinds with these names that are here; says which are not, once."""
    found = []
    for name in wanted:
        missing = every[name].missing()
        if missing is None:
            found.append(every[name])
        else:
            print("skipped: %s (%s is missing)" % (every[name].title, missing), file=sys.stderr)
    return found


def allow_many_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
