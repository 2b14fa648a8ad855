# expect: GCF202 2:22 error
limit_request_line = -1
