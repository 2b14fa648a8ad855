# expect: id=single_connection 2:22 warning
worker_connections = 0
