# expect: nothing
umask = "007"
