# expect: id=worker_connections_without_effect 4:22 warning
# pending: rules between settings
worker_class = "sync"
worker_connections = 2000
