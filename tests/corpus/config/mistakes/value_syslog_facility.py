# expect: GCF208 4:19 error
# pending: syslog
syslog = True
syslog_facility = "locale0"
