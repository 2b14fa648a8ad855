# expect: id=no_timeout 2:11 warning  # pending: rules between settings
timeout = 0
