# expect: GCF101 5:1 warning
import os

workers = 2
log_level = os.environ.get("LOG_LEVEL", "info")
