# expect: GCF101 3:1 warning
bind = "127.0.0.1:8000"
log_file = "-"
