# expect: GCF216 2:21 error
access_log_format = '%(h)s "%(r)s" %(s'
