# expect: id=single_connection 2:22 warning  # pending: rules between settings
worker_connections = 0
