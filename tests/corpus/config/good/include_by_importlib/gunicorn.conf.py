# case: a file next to it is loaded by importlib and updates the globals
# config: none
import importlib.util
import pathlib

_spec = importlib.util.spec_from_file_location("base_config", pathlib.Path(__file__).resolve().with_name("base.conf.py"))
_base = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_base)
globals().update({k: v for k, v in vars(_base).items() if not k.startswith("_")})  #: threads, post_fork

workers = _base.workers + 1  #: workers
