# case: if, elif and else choose the settings of a stage
# env: STAGE=production
import os

stage = os.environ.get("STAGE", "development")

if stage == "development":
    workers = 1
    loglevel = "debug"
elif stage == "production":
    workers = 7  #: workers
    loglevel = "warning"  #: loglevel
    if "DEBUG_PORT" not in os.environ:
        bind = "127.0.0.1:8019"  #: bind
else:
    raise RuntimeError("unknown stage: " + stage)

timeout = 20 if stage == "development" else 60  #: timeout
