# case: augmented assignments are what counts last
workers = 2
workers += 1
workers *= 2  #: workers
bind = ["127.0.0.1:8024"]
bind += ["127.0.0.1:8025"]  #: bind
proc_name = "shop"
proc_name += "-blue"  #: proc_name
