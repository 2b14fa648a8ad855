# expect: GCF219 3:22 error
accesslog = "-"
access_log_exclude = ["/fine", "healthz"]
