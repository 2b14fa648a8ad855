# expect: nothing
worker_class = "sync"
worker_connections = 500
keepalive = 5
