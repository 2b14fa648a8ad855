# case: gunicorn.conf.py is found where --chdir leads
# config: none
# args: --chdir inner
workers = 4  #: workers
timeout = 51  #: timeout
