# expect: id=debug_on_public_address 3:9 warning
bind = "0.0.0.0:8000"
debug = True
