# expect: id=threads_without_effect 3:11 warning  # pending: rules between settings; gevent
worker_class = "gevent"
threads = 4
