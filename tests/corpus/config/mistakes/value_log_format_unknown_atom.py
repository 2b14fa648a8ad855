# expect: GCF216 3:21 warning  # pending: Gunicorn starts with it, so it should be a warning; docs/compatibility.md refuses it
accesslog = "-"
access_log_format = '%(h)s %(zz)s "%(r)s"'
