# expect: GCF201 4:11 error
import os

workers = os.environ.get("NO_SUCH_VARIABLE")
