"""Asking a server: whole requests as bytes, and bench_load, which sends them."""

import dataclasses
import http.client
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLIENT = ROOT / "build" / "release" / "bench" / "bench_load"

BROWSER = """\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
Accept-Language: de-DE,de;q=0.9,en-US;q=0.7,en;q=0.5
Accept-Encoding: gzip, deflate, br, zstd
Referer: https://www.example.org/articles/2026/11/?page=1&sort=newest
Connection: keep-alive
Upgrade-Insecure-Requests: 1
If-None-Match: "5f2b-62d1c0ffee"
Cookie: session=%s
""" % ("a" * 300)


def get(path="/", fields=""):
    return ("GET %s HTTP/1.1\r\nHost: www.example.org\r\n%s\r\n" % (path, fields.replace("\n", "\r\n"))).encode()


def post(size):
    head = "POST / HTTP/1.1\r\nHost: www.example.org\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
    return (head % size).encode() + b"x" * size


@dataclasses.dataclass(frozen=True)
class Load:
    """What is asked for, and how."""

    request: bytes = get()
    connections: int = 64
    reconnect: bool = False
    rate: float = 0  # requests a second, due whatever the server does; 0: as fast as answers come
    awake: bool = True  # the client polls, so that the server is not charged for waking it; it needs a core of its own
    resume: bool = False  # each connection resumes the TLS session of the one before it


def client():
    """The load generator, built if it is missing."""
    if not CLIENT.exists():
        built = subprocess.run(["cmake", "--build", "--preset", "release", "--target", "bench_load"], cwd=ROOT)
        if built.returncode != 0:
            sys.exit("bench_load does not build; `cmake --preset release` makes the build folder")
    return CLIENT


def ask(port, load, seconds, patience=2, tls=False):
    """One run; the report of bench_load (bench/load/client.h)."""
    command = [CLIENT, str(port), "--connections", str(load.connections), "--seconds", str(seconds),
               "--rate", str(load.rate), "--patience", str(patience)]
    command += ["--" + flag for flag in ("reconnect", "awake", "resume") if getattr(load, flag)] + ["--tls"] * tls
    ended = subprocess.run(command, input=load.request, stdout=subprocess.PIPE, check=True)
    return json.loads(ended.stdout)


def fetch(port, path="/", timeout=30):
    """The body of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().read()
    finally:
        connection.close()
