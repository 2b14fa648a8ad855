# A service behind a load balancer: a worker for each core and one more, limits, recycling, an access log with times.
# Check it before it is used:  gunicorn -c production.py --check-config shop.wsgi:application

import multiprocessing

bind = ["0.0.0.0:8000", "[::1]:8001"]
backlog = 2048

workers = multiprocessing.cpu_count() + 1
worker_class = "sync"
timeout = 30  # a worker that is silent for longer is replaced
graceful_timeout = 30  # what a stop or a recycling leaves to requests in flight
keepalive = 5  # longer than the load balancer waits, so that it is the one who closes

# A leak in the application never grows old; the jitter keeps the workers from going together.
max_requests = 20000
max_requests_jitter = 2000

limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190

# Whose X-Forwarded-Proto is believed.
forwarded_allow_ips = "127.0.0.1,::1,10.0.0.0/8"

errorlog = "-"
loglevel = "info"
accesslog = "-"
access_log_format = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(M)sms'

proc_name = "shop"
