# expect: GCF101 3:1 warning
max_requests = 1000
max_request_jitter = 50
