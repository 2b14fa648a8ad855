# expect: GCF102 2:1 warning
statsd_to = "localhost:8125"
