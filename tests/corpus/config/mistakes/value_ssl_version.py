# expect: GCF215 3:15 warning
# pending: the finding for settings that are obsolete
ssl_version = "TLS"
