# expect: id=bind_without_port 3:8 warning
# pending: rules between settings
bind = "127.0.0.1"
