# case: a folder is put on sys.path, then a module of it is imported
# config: none
import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
for _folder in ("lib", "vendor"):
    sys.path.append(os.path.join(ROOT, _folder))

import tuning  # noqa: E402

workers = tuning.workers()  #: workers
max_requests = tuning.RECYCLE  #: max_requests
