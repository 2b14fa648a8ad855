# case: one variable holds everything as JSON
# env: GUNICORN_JSON='{"workers": 3, "bind": ["127.0.0.1:8014", "127.0.0.1:8015"], "secure_scheme_headers": {"X-TLS": "yes"}}'
import json
import os

_given = json.loads(os.environ.get("GUNICORN_JSON", "{}"))
workers = _given.get("workers", 1)  #: workers
bind = _given["bind"]  #: bind
secure_scheme_headers = _given["secure_scheme_headers"]  #: secure_scheme_headers
