# case: several statements on a line
import os; workers = 2; timeout = 50  #: workers, timeout
if os.sep == "/": backlog = 300  #: backlog
def on_exit(server): pass  #: on_exit
for keepalive in (1, 2, 3): pass  #: keepalive
class Empty: pass
try: threads = 2  #: threads
finally: pass
