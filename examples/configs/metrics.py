# Metrics for a statsd daemon on this host: docs/monitoring.md says which there are.

workers = 2

statsd_host = "127.0.0.1:8125"  # or "unix:///run/datadog/dsd.socket"
statsd_prefix = "shop.web"  # shop.web.gunicorn.requests
dogstatsd_tags = "env:production,region:eu"  # only for daemons that know tags: DogStatsD, Telegraf, statsd_exporter
enable_backlog_metric = True


def post_worker_init(worker):
    worker.log.info("", extra={"metric": "shop.boots", "value": 1, "mtype": "counter"})
