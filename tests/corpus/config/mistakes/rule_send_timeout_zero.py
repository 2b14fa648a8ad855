# expect: id=unlimited_client 2:16 warning
send_timeout = 0
