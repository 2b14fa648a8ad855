# case: a module of the project beside the configuration gives values and functions
# config: none
import deployment
from deployment import defaults as _defaults
from deployment.sizes import workers_for as count_workers

bind = deployment.ADDRESS  #: bind
workers = count_workers("small")  #: workers
timeout = _defaults.TIMEOUT  #: timeout
keepalive = getattr(_defaults, "KEEPALIVE", 5)  #: keepalive
