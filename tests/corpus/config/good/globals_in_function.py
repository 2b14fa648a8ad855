# case: a function writes settings, by a global statement and by globals()
def configure(scale):
    global workers, threads
    workers = 2 * scale  #: workers
    threads = scale  #: threads
    globals()["timeout"] = 15 * scale  #: timeout


configure(2)  #: workers, threads, timeout
