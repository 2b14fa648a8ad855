# expect: id=tls_detail_without_certificate 2:15 warning  # pending: rules between settings
ssl_version = "TLS"
