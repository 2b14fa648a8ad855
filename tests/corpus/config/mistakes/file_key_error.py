# expect: GCF004 4:23 error
import os

bind = "127.0.0.1:" + os.environ["NO_SUCH_PORT"]
