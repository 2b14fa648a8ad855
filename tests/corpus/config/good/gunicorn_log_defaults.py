# case: the dictionary for logging that the package uses itself is read, for its level
from gunicorn.glogging import CONFIG_DEFAULTS

loglevel = CONFIG_DEFAULTS["root"]["level"].lower()  #: loglevel
