#!/usr/bin/python3
"""Runs the fuzz targets of build/fuzz, one after the other, each from the kept findings, the seeds and a dictionary.

Usage: run.py [TARGET...]      GN_FUZZ_SECONDS: for each target, 60 when it is not set

Exit code 1 when a target found something; it says where the input lies and how to run it alone.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/fuzz/tests/fuzz"
FINDINGS = ROOT / "build/fuzz/findings"
REGRESSIONS = ROOT / "tests/fuzz/regressions"
CORPUS = ROOT / "tests/corpus"

sys.path.insert(0, str(ROOT / "tests/integration"))
from http_corpus import BEGINNINGS, unescaped  # noqa: E402


def schema_words():
    """Names and options of every setting, as tests/fuzz needs them: words, not meanings."""
    schema = (ROOT / "schema/settings.yaml").read_text()
    names = re.findall(r"^ *- name: (\w+)", schema, re.M)
    flags = [flag.strip() for line in re.findall(r"^ *cli: \[(.*)\]", schema, re.M) for flag in line.split(",")]
    return names, flags


def http_messages():
    table = (CORPUS / "http/smuggling/table.txt").read_text().splitlines()
    yield from (unescaped(line.split(" | ", 2)[2], **BEGINNINGS) for line in table if " | " in line)
    for path in sorted(CORPUS.glob("http/*valid/*.txt")):
        yield unescaped("".join(path.read_text(encoding="latin-1").partition("---\n")[2].splitlines()))


def json_dump(value):
    entry = {"value": value, "default": None, "changed": True,
             "origin": {"kind": "paste", "name": "a.ini", "line": 3, "variables": ["A"]},
             "history": [{"value": [value], "origin": {"kind": "default"}, "accepted": False}]}
    return json.dumps({"format_version": 1, "server": "gunicorn 1", "selection": "all", "settings": {"bind": entry}}).encode()


# What a target starts from: its seeds, and the words that a mutation may put in.
def seeds_of(target):
    names, flags = schema_words()
    if target == "paste":
        files = [path.read_bytes() for path in sorted(CORPUS.glob("config/paste/*.ini"))]
        return files, names + ["[server:main]", "[DEFAULT]", "[loggers]", "use = egg:gunicorn", "host", "port", "set ", "get ",
                               "%(here)s", "%(__file__)s", "%(", ")s", "%%", "\n  ", "\r\n"]
    if target == "cli":
        lines = [[flag, "1", "app:app"] for flag in flags] + [["-RD", "--workers=2", "-w4", "-eA=b", "--", "-x"],
                                                              ["--check-config=offline", "-W", "error=GCF101", "app:app"],
                                                              ["--print-config=json:workers,bind", "--simulate", "cpus=4,user=x"]]
        return ["\0".join(line).encode() for line in lines], flags + ["--check-config=", "--print-config=", "=", "'", '"', "\\"]
    if target == "env_file":
        return [b"A=b\nexport C='d e'\n# x\nE=\"f\\n\\\"\" # g\n\xef\xbb\xbfH=i #j\r\n"], ["export ", "='", '="', "\\$", " #"]
    if target == "config_json":
        values = [1, -1, 1.5, True, None, "text", [1, "a"], {"$object": "os.path"}, {"$bytes": "2fff"}, {"$float": "nan"}, {"$$a": 2}]
        return [json_dump(value) for value in values], ["$object", "$bytes", "$float", "$$", "1e999", "18446744073709551615", *names[:20]]
    if target == "redact":
        return [bytes([0, place, form]) + b"a = 'b' https://user:key@host/x?token=1" for place in (0, 7, 30) for form in range(6)], \
            ["token", "secret:", "://", "@", "[redacted]", "=="]
    if target == "head":
        return [bytes([policy, limits, 99]) + message for message in http_messages() for policy, limits in ((0, 0), (31, 1))], \
            ["Content-Length: ", "Transfer-Encoding: chunked", "\r\n\r\n", "0\r\n\r\n", " HTTP/1.1\r\n", "Connection: ", "Expect: 100-continue"]
    if target == "body":
        bodies = {message.partition(b"\r\n\r\n")[2] for message in http_messages()} - {b""}
        return [bytes([limits, 99, 0, 9]) + body for body in sorted(bodies) for limits in (0, 1, 4)], \
            ["\r\n", "0\r\n\r\n", "5;a=b\r\n", "ffffffffffffffff", "Content-Length: 5\r\n", "X: y\r\n", "\n", ";"]
    if target == "header_rules":
        heads = [b"GET /%41%4%zz HTTP/1.1\r\nHost: h\r\n" + fields + b"\r\n" for fields in (
            b"X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: on\r\n",
            b"X-Forwarded-Protocol: ssl\r\nX-Forwarded-Proto: http\r\n",
            b"Script_Name: /a\r\nRemote-User: a\r\nRemote_User: b\r\nProxy: c\r\n",
            b"Content_Type: a\r\nContent-Type: b\r\n")]
        return [bytes([policy]) + head for head in heads for policy in range(12)], \
            ["X-Forwarded-Proto: ", "https", "http", "Proxy: ", "REMOTE_USER: ", "_", "%", "\r\n\r\n"]
    if target == "response":
        says = [[b"200 OK", b"Content-Length", b"5", b"Content-Type", b"text/plain", b"he", b"llo"],
                [b"204 No Content", b"Content-Length", b"0", b"X", b"y"],
                [b"404", b"Set-Cookie", b"a=b", b"Set-Cookie", b"c", b"x"],
                [b"101 Switching Protocols", b"Connection", b"upgrade", b"Upgrade", b"websocket"],
                [b"200 OK\r\nX: y", b"X\r\nY", b"z", b"X", b"y\r\n\r\nHTTP/1.1 200 OK"],
                [b"200 OK", b"Content-Length", b"9", b"Content-Length", b"9", b"<b>&'", b"", b"0\r\n\r\n"]]
        return [b"\xff".join([bytes([flags, 2]), *parts]) for parts in says for flags in range(0, 32, 3)], \
            ["\r\n", "Content-Length", "Transfer-Encoding", "Connection", "upgrade", "304 Not Modified", "100 ", "\0"]
    if target == "session":
        # Flags, four answers (shape, sizes, ways), 19 events; see session_fuzz.cc.
        headers = [bytes(32), bytes([0] + [8, 27, 9, 0, 27, 28, 16, 9, 11, 1, 4, 40] + [0x45, 0x98] * 9 + [0xC1]),
                   bytes([1] + [4, 1, 1, 4, 30, 0, 0, 255, 15, 0, 255, 172] + [0xCA, 0x43, 0x83] * 6 + [0xC2])]
        after = b"GET /next HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1, 192.0.2.9:80\r\n\r\n"
        proxied = [bytes([flags]) + bytes(31) + line + after for flags in (0x60, 0xF0, 0x20) for line in (
            b"PROXY TCP4 203.0.113.7 198.51.100.9 4711 443\r\n", b"PROXY UNKNOWN\r\n",
            b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12), b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00")]
        return proxied + [header + b"".join(messages) for header in headers for message in http_messages()
                          for messages in ([message], [message, after, message])], \
            ["Content-Length: 5", "Transfer-Encoding: chunked", "\r\n\r\n", "0\r\n\r\n", " HTTP/1.0\r\n", "HEAD ",
             "Connection: close\r\n", "Expect: 100-continue\r\n", "GET / HTTP/1.1\r\n\r\n", "X-Forwarded-Proto: https\r\n"]
    if target == "proxy":
        signature, v4, v6 = b"\r\n\r\n\0\r\nQUIT\n", bytes(range(12)), bytes(range(36))
        headers = [b"PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\n", b"PROXY TCP6 ::1 2001:db8::1 1 65535\r\n",
                   b"PROXY UNKNOWN x\r\n", b"GET / HTTP/1.1\r\n",
                   signature + b"\x21\x11\0\x0c" + v4, signature + b"\x21\x21\0\x24" + v6,
                   signature + b"\x20\0\0\0", signature + b"\x21\0\0\x03abc",
                   signature + b"\x21\x11\0\x14" + v4 + b"\x01\0\x02h2\x04\0\0"]
        return [bytes([mode, 99]) + header + b"GET" for header in headers for mode in range(3)], \
            ["PROXY TCP4 ", "PROXY UNKNOWN", "\r\n\r\n\0\r\nQUIT\n", "!\x11", "! ", " 65535", "::ffff:1.2.3.4"]
    if target == "access_format":
        atoms = ["%%(%s)s" % atom for atom in [*"hlutrmUqHsBbfaTDMLp", "{x}i", "{x}o", "{x}e"]]
        return [" ".join(atoms).encode(), b"%(B)-08d %(T)5.2f %(h).3s %%"], atoms
    raise SystemExit(f"unknown target: {target}")


def dictionary(words):
    return "".join('"%s"\n' % "".join(f"\\x{byte:02x}" for byte in word.encode()) for word in words)


def run(target, seconds, corpus=None):
    """Runs a target and says what came of it; true when it found nothing. It begins with what the folder `corpus` has,
    which keeps what it learns; without one, that is forgotten."""
    kept = sorted(str(path) for path in (REGRESSIONS / target).glob("*"))
    findings = FINDINGS / target
    findings.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        learned = Path(corpus or Path(folder) / "learned")
        learned.mkdir(parents=True, exist_ok=True)
        seeds = Path(folder) / "seeds"
        seeds.mkdir()
        texts, words = seeds_of(target)
        for number, text in enumerate(texts):
            (seeds / f"seed-{number}").write_bytes(text)
        (Path(folder) / "words").write_text(dictionary(words))
        executable = str(BUILD / f"fuzz_{target}")
        options = [f"-artifact_prefix={findings}/", "-timeout=10", "-rss_limit_mb=2048"]
        steps = [[executable, *options, *kept]] if kept else []
        steps.append([executable, *options, f"-max_total_time={seconds}", "-max_len=8192", "-print_final_stats=1",
                      f"-dict={folder}/words", str(learned), str(seeds)])
        for step in steps:
            done = subprocess.run(step, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, check=False)
            output = done.stdout.decode(errors="replace")
            if done.returncode != 0:
                break
    if done.returncode == 0:
        stats = dict(re.findall(r"stat::(\w+): +(\d+)", output))
        edges = re.findall(r"cov: (\d+)", output)
        print(f"{target}: {stats.get('number_of_executed_units')} inputs, {stats.get('average_exec_per_sec')} a second, "
              f"{edges[-1] if edges else 0} edges, nothing found", flush=True)
        return True
    print(output[-6000:])
    found = re.findall(r"Test unit written to (\S+)", output)
    lies = found[-1] if found else "one of " + str(REGRESSIONS / target)
    print(f"{target}: FOUND something; the input lies in {lies}\n"
          f"  alone: {executable} {lies}\n"
          f"  keep it, once it is mended, in tests/fuzz/regressions/{target}/ under a name that says what it was", flush=True)
    return False


def all_targets():
    return sorted(path.name.removesuffix("_fuzz.cc") for path in Path(__file__).parent.glob("*_fuzz.cc"))


def main():
    targets = sys.argv[1:] or all_targets()
    seconds = int(os.environ.get("GN_FUZZ_SECONDS", "60"))
    return 0 if all([run(target, seconds) for target in targets]) else 1


if __name__ == "__main__":
    sys.exit(main())
