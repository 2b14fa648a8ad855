# expect: id=graceful_above_timeout 3:20 note
timeout = 30
graceful_timeout = 120
