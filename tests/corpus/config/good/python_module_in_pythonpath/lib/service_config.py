# case: the configuration is a module that PYTHONPATH leads to
# env: PYTHONPATH=lib:$PYTHONPATH
# config: python:service_config
import os

workers = 2  #: workers
if os.path.basename(os.path.dirname(__file__)) == "lib":
    threads = 5  #: threads
