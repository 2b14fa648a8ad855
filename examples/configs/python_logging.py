"""Both logs through Python's logging: a file that logrotate may move, a second one for trouble alone.

    gunicorn -c examples/configs/python_logging.py app:app
"""

import os

folder = os.environ.get("LOG_FOLDER", "/tmp")

logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s [%(process)d] [%(levelname)s] %(message)s", "datefmt": "%Y-%m-%dT%H:%M:%S%z"},
        "plain": {"format": "%(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"},
        "access": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stdout"},
        "trouble": {
            "class": "logging.handlers.WatchedFileHandler",
            "formatter": "line",
            "filename": os.path.join(folder, "trouble.log"),
            "level": "WARNING",
            "delay": True,
        },
    },
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["console", "trouble"], "propagate": False},
        "gunicorn.access": {"level": "INFO", "handlers": ["access"], "propagate": False},
    },
    "root": {"level": "INFO", "handlers": ["console"]},
}
