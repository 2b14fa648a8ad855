# case: hooks imported from a module, under their own and other names
import metrics
from metrics import child_exit, worker_left as worker_exit  #: child_exit, worker_exit

post_request = metrics.observe  #: post_request
when_ready = metrics.ServerHooks.ready  #: when_ready
