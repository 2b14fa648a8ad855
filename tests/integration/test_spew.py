"""spew: every line that a worker executes goes to standard error."""

import subprocess
import sys

from raw_http import get
from server_process import PACKAGE, environment, wait_until

APP = """
def answer():
    return b"spewed"

def app(environ, start_response):
    start_response("200 OK", [])
    return [answer()]
"""


def test_every_line_of_the_application_is_written_to_standard_error(server, worker_kind, tmp_path):
    (tmp_path / "lines.py").write_text(APP)
    running = server(*worker_kind, "--spew", "--error-logfile", "errors", "lines:app", errorlog="../errors")
    assert get(running.address).body == b"spewed"
    at_import = 'lines.py:5: lines: def app(environ, start_response):'
    in_request = 'lines.py:3: lines:     return b"spewed"'
    wait_until(lambda: at_import in running.stderr and in_request in running.stderr, lambda: running.stderr[-2000:])
    assert "lines.py" not in running.log


def test_spew_may_be_limited_to_modules_show_values_and_end():
    code = (
        "from gunicorn import debug\n"
        "def work(number):\n    text = 'x' * number\n    return text\n"
        "debug.spew(trace_names=['__main__'], show_values=True)\n"
        "work(3)\n"
        "debug.unspew()\n"
        "work(4)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], env=environment(PYTHONPATH=PACKAGE), capture_output=True, text=True)
    assert ended.returncode == 0
    assert "<string>:3: __main__: \n" in ended.stderr and "<string>:4: __main__: \n" in ended.stderr
    assert ended.stderr.count("<string>:3:") == 1
