# case: a logger class is defined in the file and given as the class
from gunicorn.glogging import Logger


class QuietLogger(Logger):
    """Leaves health checks out of the access log."""

    SILENT = ("/healthz", "/readyz")

    def setup(self, cfg):
        super().setup(cfg)
        self.error_log.info("quiet for %s", ", ".join(self.SILENT))

    def access(self, resp, req, environ, request_time):
        if environ.get("PATH_INFO") not in self.SILENT:
            super().access(resp, req, environ, request_time)


logger_class = QuietLogger  #: logger_class
accesslog = "-"  #: accesslog
