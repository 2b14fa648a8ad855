import json

from gunicorn.glogging import Logger


class JsonLogger(Logger):
    def access(self, resp, req, environ, request_time):
        self.access_log.info(json.dumps({"path": req.path, "status": resp.status}))
