# case: statsd and syslog
# differs: statsd_host
statsd_host = "localhost:8125"  #: statsd_host
statsd_prefix = "shop.web"  #: statsd_prefix
syslog = True  #: syslog
syslog_addr = "udp://127.0.0.1:5514"  #: syslog_addr
syslog_facility = "local3"  #: syslog_facility
syslog_prefix = "shop"  #: syslog_prefix
