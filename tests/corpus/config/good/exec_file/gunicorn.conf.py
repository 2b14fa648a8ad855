# case: a second file is executed in the namespace of the first
# config: none
import os

_folder = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(_folder, "local_settings.py")) as _source:
    exec(compile(_source.read(), "local_settings.py", "exec"))  #: workers, threads

timeout = 44  #: timeout
