# expect: GCF213 2:16 error
logger_class = "no.Such"
