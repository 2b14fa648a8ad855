# case: a match statement decides by an environment variable
# env: TIER=large
import os

match os.environ.get("TIER", "small"):
    case "small":
        workers, threads = 1, 1
    case "large" | "huge":
        workers, threads = 4, 8  #: workers, threads
    case other:
        raise ValueError(other)
