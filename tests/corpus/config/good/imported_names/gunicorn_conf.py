# case: settings and hooks imported by name
from common_settings import bind, workers  #: bind, workers
from common_settings import (
    when_started as when_ready,  #: when_ready
    request_timeout as timeout,
)  #: timeout
