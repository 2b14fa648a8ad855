# case: the walrus binds settings inside of expressions
import os

if (workers := int(os.environ.get("W", "2"))) > 1:  #: workers
    threads = 1  #: threads

print("timeout is", timeout := 25)  #: timeout
bind = [address := "127.0.0.1:8022", address.replace("8022", "8023")]  #: bind
