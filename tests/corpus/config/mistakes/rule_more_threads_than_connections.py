# expect: id=more_threads_than_connections 4:22 warning  # pending: rules between settings
worker_class = "gthread"
threads = 16
worker_connections = 8
