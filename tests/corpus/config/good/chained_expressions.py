# case: conditional expressions, boolean operators, slices and method chains
import os

_words = "web api admin".split()
workers = len(_words) if _words else 1  #: workers
proc_name = "-".join(word.title() for word in _words[:2]).replace("Web", "Shop")  #: proc_name
timeout = (os.environ.get("NOPE") and 10) or 56  #: timeout
keepalive = max((len(w) for w in _words), default=2)  #: keepalive
bind = ["127.0.0.1:%s" % port for port in map(str, (8041, 8042)) if port.isdigit()]  #: bind
loglevel = {True: "debug", False: "info"}["DEBUG" in os.environ]  #: loglevel
