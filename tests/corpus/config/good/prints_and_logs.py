# case: the configuration prints and logs while it is read
import logging
import sys
import warnings

logging.basicConfig(level=logging.INFO, format="%(message)s")
log = logging.getLogger("deploy")
warnings.simplefilter("ignore")

workers = 2  #: workers
print("workers = 77")
print("starting with", workers, "workers", flush=True)
print("to the error stream", file=sys.stderr)
log.info("workers: %d", workers)
timeout = 31  #: timeout
