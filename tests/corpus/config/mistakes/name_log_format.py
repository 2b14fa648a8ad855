# expect: GCF101 3:1 warning
accesslog = "-"
log_format = "%(h)s"
