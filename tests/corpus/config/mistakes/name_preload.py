# expect: GCF101 4:1 warning
import os

preload = os.environ.get("PRELOAD") != "0"
