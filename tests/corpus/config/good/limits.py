# case: every limit, as arithmetic
KIB = 1024
limit_request_line = 4 * KIB  #: limit_request_line
limit_request_fields = 2**7  #: limit_request_fields
limit_request_field_size = 0x1000  #: limit_request_field_size
max_requests = 10_000  #: max_requests
max_requests_jitter = int(1e3)  #: max_requests_jitter
graceful_timeout = divmod(125, 60)[1] * 3  #: graceful_timeout
worker_connections = -(-1999 // 2)  #: worker_connections
