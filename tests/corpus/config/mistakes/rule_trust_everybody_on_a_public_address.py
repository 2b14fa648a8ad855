# expect: id=everyone_trusted 3:23 warning
bind = "0.0.0.0:8000"
forwarded_allow_ips = "*"
