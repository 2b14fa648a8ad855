# case: a setting is set and deleted again, another is deleted and set again
workers = 9
timeout = 99
del workers, timeout
timeout = 41  #: timeout
for threads in range(5):
    pass
del threads
