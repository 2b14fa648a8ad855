# expect: id=timeout_zero 3:11 warning
# pending: rules between settings
timeout = 0
