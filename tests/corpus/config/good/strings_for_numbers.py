# case: numbers and switches as the texts that the environment gives
# env: WORKERS=0x3 TIMEOUT=5_0 PRELOAD=True
import os

workers = os.environ["WORKERS"]  #: workers
timeout = os.environ["TIMEOUT"]  #: timeout
preload_app = os.environ["PRELOAD"]  #: preload_app
keepalive = " 4 "  #: keepalive
backlog = True  #: backlog
max_requests = "0b101"  #: max_requests
