# expect: id=tls_detail_without_certificate 2:15 warning
ssl_version = "TLS"
