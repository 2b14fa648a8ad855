# expect: id=very_long_timeout 3:11 warning
# pending: rules between settings
timeout = 3600
