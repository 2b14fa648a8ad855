# expect: id=no_timeout 2:11 warning
timeout = 0
