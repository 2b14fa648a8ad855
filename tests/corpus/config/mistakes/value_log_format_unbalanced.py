# expect: GCF216 3:21 error
accesslog = "-"
access_log_format = '%(h)s "%(r)s" %(s'
