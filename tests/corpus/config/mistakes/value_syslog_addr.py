# expect: GCF210 3:15 error
syslog = True
syslog_addr = "syslog.internal:514"
