# Logs for a collector: one JSON object a line, health checks left out. The fields are named in docs/logging.md.
# Check it before it is used:  gunicorn -c json_logs.py --check-config shop.wsgi:application

bind = "127.0.0.1:8000"
workers = 2

errorlog = "-"
log_format = "json"

accesslog = "-"
access_log_format = "json"
access_log_exclude = ["/healthz 2xx", "/static/* 200 304"]
