# case: hooks that are lambdas, alone and over several lines
on_starting = lambda server: server.log.info("starting")  #: on_starting
when_ready = lambda server: None  #: when_ready
pre_request = lambda worker, req: worker.log.debug(  #: pre_request
    "%s %s",
    req.method,
    req.path,
)
nworkers_changed = (lambda server, new_value, old_value: None)  #: nworkers_changed
