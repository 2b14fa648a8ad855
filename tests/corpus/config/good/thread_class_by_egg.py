# case: a worker class of the distribution's entry points
worker_class = "gunicorn.workers.gthread.ThreadWorker"  #: worker_class
threads = 4  #: threads
