# case: the dictionary for logging is built in steps, which is one binding and several changes
# differs: logconfig_dict
logconfig_dict = {"version": 1, "handlers": {}, "loggers": {}}  #: logconfig_dict
logconfig_dict["handlers"]["out"] = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
for logger in ("gunicorn.error", "gunicorn.access"):
    logconfig_dict["loggers"][logger] = {"handlers": ["out"], "level": "INFO"}
logconfig_dict.update(disable_existing_loggers=False)
