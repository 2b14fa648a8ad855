# expect: GCF101 2:1 warning
acces_logfile = "-"
