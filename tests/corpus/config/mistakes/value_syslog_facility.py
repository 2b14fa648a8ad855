# expect: GCF208 3:19 error  # pending: syslog
syslog = True
syslog_facility = "locale0"
