# expect: GCF101 7:5 warning
import os

if os.environ.get("FAST"):
    timeout = 5
else:
    time_out = 60
