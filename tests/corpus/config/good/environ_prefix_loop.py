# case: every GUNICORN_ variable of an own prefix becomes a setting, by setting locals() of the module
# env: SITE_WORKERS=4 SITE_TIMEOUT=75 SITE_BIND=127.0.0.1:8012 SITE_UNUSED=x
import os

WANTED = {"WORKERS": int, "TIMEOUT": int, "BIND": str}

for key, convert in WANTED.items():
    if "SITE_" + key in os.environ:
        locals()[key.lower()] = convert(os.environ["SITE_" + key])  #: workers, timeout, bind
