# case: tuples are unpacked, with a star, nested, in a chain
workers, threads = 3, 2  #: workers, threads
(timeout, (keepalive, *rest)) = 31, (4, "a", "b")  #: timeout, keepalive
backlog = limit_request_fields = 99  #: backlog, limit_request_fields
[graceful_timeout, _] = "40 41".split()  #: graceful_timeout
max_requests, max_requests_jitter = (n * 100 for n in (10, 2))  #: max_requests, max_requests_jitter
