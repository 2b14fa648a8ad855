"""Checks that every #include in src/ respects the layers of docs/architecture.md.

A folder may include its own headers, those of lower ranks, and the third-party libraries listed for it.
"""

import pathlib
import re
import sys

RANK = {"base": 0, "config": 1, "http": 1, "gateway": 2, "hooks": 3, "python": 4, "server": 4, "app": 5}

# http is sans-I/O: of base it may not use what reaches the system.
FORBIDDEN_IN_HTTP = {"base/sys.h", "base/unique_fd.h", "base/clock.h"}

# Third-party header (prefix) -> where it may be included.
THIRD_PARTY = {
    "Python.h": lambda path: path == "python/python.h",
    "structmember.h": lambda path: path == "python/python.h",
    "frameobject.h": lambda path: path.startswith("python/"),
    "asio": lambda path: path.startswith("server/net/") and (
        path.endswith(".cc") or path in ("server/net/event_loop_impl.h", "server/net/socket_stream.h")),
    "openssl/": lambda path: path.startswith("server/net/") and (
        path.endswith(".cc") or path == "server/net/openssl_handles.h"),
    "yaml-cpp/": lambda path: False,
    "ini.h": lambda path: path.startswith("config/paste_source") or path.startswith("config/ini_document"),
    "nlohmann/": lambda path: re.fullmatch(r"config/report/(\w+_documents\.cc|origin_documents\.h)", path) or path in (
        "server/log/json_format.cc", "server/status/status_document.cc"),
}

GENERATED = {"base/diag_id.gen.h": "base", "config/settings.gen.h": "config", "hooks/hook_set.gen.h": "hooks"}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def complaints(root):
    for source in sorted(list(root.rglob("*.cc")) + list(root.rglob("*.h"))):
        path = source.relative_to(root).as_posix()
        folder = path.split("/", 1)[0]
        text = source.read_text()
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            kind, name = match.groups()
            if kind == '"':
                target = name.split("/", 1)[0]
                if "/" not in name or target not in RANK:
                    yield path, line, "%s: includes are written from src/, folder first" % name
                elif target != folder and RANK[target] >= RANK[folder]:
                    yield path, line, "%s: %s (rank %d) may not include %s (rank %d)" % (
                        name, folder, RANK[folder], target, RANK[target])
                elif folder == "http" and name in FORBIDDEN_IN_HTTP:
                    yield path, line, "%s: http is sans-I/O" % name
                elif name not in GENERATED and not (root / name).exists():
                    yield path, line, "%s: there is no such file" % name
                continue
            for prefix, may in THIRD_PARTY.items():
                if (name == prefix or name.startswith(prefix)) and not may(path):
                    yield path, line, "<%s> may not be included here" % name
        if source.suffix == ".h" and not text.lstrip().startswith("#pragma once"):
            yield path, 1, "a header begins with #pragma once"


def main():
    root = pathlib.Path(__file__).resolve().parents[2] / "src"
    found = list(complaints(root))
    for path, line, message in found:
        print("src/%s:%d: %s" % (path, line, message))
    print("layers: %d passed, %d failed" % (0 if found else 1, len(found)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
