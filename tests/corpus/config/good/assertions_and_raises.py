# case: a file that checks itself and would raise
# env: SECRET_KEY=not-a-secret
import os

REQUIRED = ["SECRET_KEY"]
missing = [name for name in REQUIRED if not os.environ.get(name)]
if missing:
    raise SystemExit("set " + ", ".join(missing))

workers = 2  #: workers
assert workers > 0, "no workers"
timeout = 57  #: timeout
raw_env = ["SECRET_KEY=" + os.environ["SECRET_KEY"]]  #: raw_env
