# A server that is watched: /metrics for Prometheus, /healthz and /readyz for probes, /status as JSON, and / as a page for people.
#   gunicorn -c monitoring.py shop.wsgi:application
#   curl http://127.0.0.1:9100/metrics

workers = 2

# Everybody who can reach it may ask.
status_bind = "127.0.0.1:9100"

# After TERM /readyz fails at once, and connections are accepted for as long as a load balancer needs to notice.
drain_delay = 2
