# case: environment reads with defaults, in every common way
# env: PORT=9001 GUNICORN_WORKERS=5 LOG_LEVEL=Warning APP_ENV=staging
import os
from os import environ, getenv

host = environ.get("HOST_ADDRESS", "127.0.0.1")
port = os.environ["PORT"]
bind = host + ":" + port  #: bind
workers = int(getenv("GUNICORN_WORKERS", 2))  #: workers
threads = int(os.getenv("GUNICORN_THREADS") or 4)  #: threads
worker_class = "gthread"  #: worker_class
loglevel = os.environ.get("LOG_LEVEL", "info").lower()  #: loglevel
proc_name = "%s-%s" % ("shop", environ["APP_ENV"])  #: proc_name
preload_app = os.environ.get("PRELOAD", "false").lower() in ("1", "true", "yes")  #: preload_app
