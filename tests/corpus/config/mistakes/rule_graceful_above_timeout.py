# expect: id=graceful_above_timeout 4:20 warning
# pending: rules between settings
timeout = 30
graceful_timeout = 120
