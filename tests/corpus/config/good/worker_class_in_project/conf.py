# case: a worker class of the project, which names itself by a dotted path
# waits: worker_class
from site_workers import PoliteWorker

worker_class = "%s.%s" % (PoliteWorker.__module__, PoliteWorker.__name__)  #: worker_class
workers = 2  #: workers
