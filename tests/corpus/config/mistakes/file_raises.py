# expect: GCF004 5:11 error
import os

workers = 2
timeout = int(os.environ.get("TIMEOUT", "half a minute"))
