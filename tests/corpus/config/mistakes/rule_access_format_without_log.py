# expect: id=access_format_without_log 2:21 warning
access_log_format = '%(h)s %(r)s'
