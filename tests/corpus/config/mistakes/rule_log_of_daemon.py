# expect: id=log_of_daemon_lost - warning
daemon = True
