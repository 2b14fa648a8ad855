# case: a .env file beside the configuration is read by hand, with setdefault for what the environment says already
# env: WORKERS=9
# config: none
import os
import pathlib

_here = pathlib.Path(__file__).resolve().parent

for _line in (_here / "service.env").read_text().splitlines():
    _line = _line.strip()
    if _line and not _line.startswith("#"):
        _name, _, _value = _line.partition("=")
        os.environ.setdefault(_name.strip(), _value.strip().strip('"'))

workers = int(os.environ["WORKERS"])  #: workers
timeout = int(os.environ["TIMEOUT"])  #: timeout
proc_name = os.environ["SERVICE_NAME"]  #: proc_name
