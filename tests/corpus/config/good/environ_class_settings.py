# case: a class describes the environment, the settings are read from its instance
# env: APP_PORT=8400
import os


class Environment:
    prefix = "APP_"
    workers = 6

    def __init__(self, variables):
        self._variables = variables

    @property
    def port(self):
        return int(self._variables.get(self.prefix + "PORT", 8000))

    def text(self, name, default=""):
        return self._variables.get(self.prefix + name.upper(), default)


settings = Environment(os.environ)
bind = f"127.0.0.1:{settings.port}"  #: bind
workers = settings.workers  #: workers
accesslog = settings.text("access_log", "-")  #: accesslog
errorlog = settings.text("error_log", "-") or None  #: errorlog
