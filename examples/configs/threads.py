# Threads for an application that waits, for a database or another service: while one request waits, others are served.
# Slow clients and idle connections cost no thread.

bind = "127.0.0.1:8000"
workers = 2
worker_class = "gthread"
threads = 4
keepalive = 5
