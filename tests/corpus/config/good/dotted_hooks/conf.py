# case: hooks named by dotted strings, found in modules of the project
post_fork = "observability.hooks.post_fork"  #: post_fork
pre_request = "observability.hooks.note_request"  #: pre_request
when_ready = "observability.ready"  #: when_ready
