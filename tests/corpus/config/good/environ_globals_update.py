# case: settings collected in a dictionary and written with globals().update
# env: BACKEND_KEEPALIVE=7
import os

collected = {
    "workers": 2,
    "keepalive": int(os.environ["BACKEND_KEEPALIVE"]),
}
collected["graceful_timeout"] = collected["keepalive"] * 10
globals().update(collected)  #: workers, keepalive, graceful_timeout
globals().update(
    timeout=90,
    backlog=512,
)  #: timeout, backlog
