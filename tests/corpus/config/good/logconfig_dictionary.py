# case: a dictionary for logging, with a filter class of the file
# differs: logconfig_dict
import logging
import os


class NoProbes(logging.Filter):
    def filter(self, record):
        return "/healthz" not in record.getMessage()


LEVEL = os.environ.get("LOG_LEVEL", "INFO")

logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_probes": {"()": NoProbes}},
    "formatters": {"plain": {"format": "%(asctime)s %(name)s %(levelname)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["no_probes"]},
    },
    "root": {"level": LEVEL, "handlers": ["console"]},
    "loggers": {
        "gunicorn.error": {"level": LEVEL, "handlers": ["console"], "propagate": False},
        "gunicorn.access": {"level": "INFO", "handlers": ["console"], "propagate": False},
    },
}  #: logconfig_dict
workers = 2  #: workers
