# case: a configuration that is called gunicorn.py, as the package is
import multiprocessing

import gunicorn.glogging
from gunicorn.glogging import Logger

workers = min(2, multiprocessing.cpu_count() + 1)  #: workers
timeout = 42  #: timeout


class SiteLogger(Logger):
    pass


logger_class = SiteLogger  #: logger_class
