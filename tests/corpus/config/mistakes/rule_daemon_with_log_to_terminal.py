# expect: id=daemon_loses_log 3:10 warning
# pending: rules between settings; daemon
daemon = True
