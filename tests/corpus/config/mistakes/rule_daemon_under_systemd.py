# expect: id=daemon_under_systemd 3:10 warning
# env: INVOCATION_ID=1 NOTIFY_SOCKET=/nope
daemon = True
errorlog = "error.log"
