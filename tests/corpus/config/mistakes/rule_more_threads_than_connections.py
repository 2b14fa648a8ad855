# expect: id=more_threads_than_connections 4:22 warning
worker_class = "gthread"
threads = 16
worker_connections = 8
