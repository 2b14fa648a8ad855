# expect: GCF212 2:14 error
when_ready = "hooks.when_redy"
