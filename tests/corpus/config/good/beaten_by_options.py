# case: options of the command line beat what the file says, also when its value is the same
# args: --workers 5 -t 49 --name cli -b 127.0.0.1:8034 -b 127.0.0.1:8035 --preload
# stronger: workers, timeout, proc_name, bind, preload_app
bind = ["127.0.0.1:8036"]
workers = 3
timeout = 49
proc_name = "file"
preload_app = False
backlog = 77  #: backlog
