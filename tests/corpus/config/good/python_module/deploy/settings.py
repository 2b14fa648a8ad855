# case: the configuration is a module of a package
# config: python:deploy.settings
from .values import WORKERS, address

workers = WORKERS  #: workers
bind = address(8033)  #: bind
timeout = 46  #: timeout


def when_ready(server):  #: when_ready
    server.log.info("ready, from %s", __name__)
