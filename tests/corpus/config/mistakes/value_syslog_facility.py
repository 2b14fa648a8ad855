# expect: GCF208 3:19 error
syslog = True
syslog_facility = "locale0"
