# case: the configuration module is looked up in sys.modules and its attributes are set
import sys

me = sys.modules[__name__]
for name, value in {"workers": 2, "graceful_timeout": 12}.items():
    setattr(me, name, value)  #: workers, graceful_timeout

setattr(me, "proc_name", "set-by-setattr")  #: proc_name
