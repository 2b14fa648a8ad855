# expect: nothing
bind = "127.0.0.1"
