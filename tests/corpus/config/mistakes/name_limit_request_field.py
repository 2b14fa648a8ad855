# expect: GCF101 2:1 warning
limit_request_field = 50
