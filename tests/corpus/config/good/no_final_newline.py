# case: the last line has no end
workers = 2  #: workers
timeout = 39  #: timeout