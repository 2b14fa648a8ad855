# expect: id=long_timeout 2:11 note
timeout = 3600
