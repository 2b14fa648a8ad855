# case: the dictionary for logging that the package uses itself is read, for its level
# fault: gunicorn.glogging has no CONFIG_DEFAULTS
from gunicorn.glogging import CONFIG_DEFAULTS

loglevel = CONFIG_DEFAULTS["root"]["level"].lower()  #: loglevel
