# expect: nothing
loglevel = "warn"
