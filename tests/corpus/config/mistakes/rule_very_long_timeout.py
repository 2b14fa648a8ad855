# expect: id=long_timeout 2:11 note  # pending: rules between settings
timeout = 3600
