# case: a default first, a condition that replaces it, a loop that replaces that
# env: HEAVY=1
import os

workers = 1
timeout = 30

if os.environ.get("HEAVY"):
    workers = 3
    timeout = 300  #: timeout

for candidate in (4, 5, 6):
    workers = candidate  #: workers

limit_request_line = 4094
if workers > 5:
    limit_request_line = 2048  #: limit_request_line
