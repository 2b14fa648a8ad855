# expect: GCF302 2:23 warning
max_requests_jitter = 50
