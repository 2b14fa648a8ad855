# expect: GCF310 3:14 warning
accesslog = "-"
log_format = "%(h)s"
