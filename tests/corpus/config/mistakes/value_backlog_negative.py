# expect: GCF202 4:11 error
import os

backlog = int(os.environ.get("BACKLOG", "-1"))
