# case: another file is run by runpy, its names are taken over one by one
# config: none
import os
import runpy

_common = runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "common.conf.py"))
workers = _common["workers"]  #: workers
when_ready = _common["when_ready"]  #: when_ready
for _name in ("timeout", "keepalive"):
    globals()[_name] = _common[_name]  #: timeout, keepalive
