# expect: GCF207 2:25 error
secure_scheme_headers = ["X-FORWARDED-PROTO"]
