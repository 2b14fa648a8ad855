"""gunicorn --check-config of one file, for tables of files."""

import pathlib
import subprocess
import textwrap

from server_process import BINARY, read_findings

APPS = pathlib.Path(__file__).resolve().parent.parent / "apps"


class Check:
    """gunicorn --check-config with a configuration file, and what it said."""

    def __init__(self, folder, text, *arguments, file="gunicorn.conf.py", modules=None, application="hello:app"):
        for name, source in {**(modules or {}), file: text}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(textwrap.dedent(source))
        command = [str(BINARY), "--check-config", *(arguments or ("-c", file)), application]
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(APPS),
            "PYTHONDONTWRITEBYTECODE": "1",
            "ASAN_OPTIONS": "detect_leaks=0",
            "PYTHONMALLOC": "malloc",
        }
        run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
        self.status = run.returncode
        self.stderr = run.stderr
        self.findings = read_findings(run.stderr)
