# expect: GCF216 3:21 error
accesslog = "-"
access_log_format = '%(h)s %(zz)s "%(r)s"'
