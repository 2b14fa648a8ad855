# case: a JSON file beside the configuration holds the values
# config: none
import json
import os.path

with open(os.path.join(os.path.dirname(__file__) or ".", "sizes.json"), encoding="utf-8") as stream:
    sizes = json.load(stream)

workers = sizes["web"]["workers"]  #: workers
threads = sizes["web"].get("threads", 1)  #: threads
timeout = max(sizes["timeouts"].values())  #: timeout
bind = sizes["web"]["listen"]  #: bind
