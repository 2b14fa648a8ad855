"""The page of the status listener, as a browser shows it (group `browsers` of ./test)."""

import re
import shutil
import subprocess

import pytest

from raw_http import Connection, get, request_bytes
from server_process import wait_until

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (tools/install-packages browsers)")


def chromium(folder, url, *options):
    """What it writes, without a network beyond this server."""
    command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
               "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--user-data-dir=%s" % (folder / "profile"),
               "--virtual-time-budget=5000", *options, url]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended
    return ended.stdout


@pytest.fixture
def busy_server(server, gate):
    """A server with an answered request and one that goes on, and the URL of its page."""
    running = server("--status-bind", "127.0.0.1:0", "--workers", "2", "gate:app", env=gate.env)
    assert get(running.address).status == 200
    with Connection(running.address) as client:
        client.send(request_bytes("/wait/one?<b>markup</b>"))
        gate.wait_for()
        port = running.wait_for_log(r"Status at: http://127\.0\.0\.1:(\d+)")[0]
        wait_until(lambda: get(("127.0.0.1", int(port)), "/readyz").status == 200, "readiness")
        yield running, "http://127.0.0.1:%s/" % port
        gate.open()
        assert client.read_response().status == 200


def test_the_page_shows_workers_requests_and_settings(busy_server, tmp_path):
    running, url = busy_server
    shown = chromium(tmp_path, url, "--dump-dom")
    body = re.sub(r"<script>.*?</script>", "", shown, flags=re.S)
    for pid in running.workers():
        assert "<td class=\"number-cell\">%d</td>" % pid in body
    assert ">ready</span>" in body and ">busy</td>" in body
    assert "GET /wait/one?&lt;b&gt;markup&lt;/b&gt;" in body, "lines of requests are text"
    assert "<td>status_bind</td>" in body
    assert "does not answer" not in body


def test_the_page_asks_for_nothing_but_the_status(busy_server, tmp_path):
    _, url = busy_server
    page = get(("127.0.0.1", int(url.split(":")[2].strip("/"))), "/").body.decode()
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    assert "@import" not in page and "url(" not in page
