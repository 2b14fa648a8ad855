"""What the WSGI bridge takes from Python: the constant part of the environ, file_wrapper, the `resp` of hooks."""

import logging
import os
import stat

from gunicorn import SERVER, SERVER_SOFTWARE

__all__ = ["SERVER", "SERVER_SOFTWARE", "FileWrapper", "Response", "WSGIErrorsWrapper", "base_environ"]


class FileWrapper:
    """wsgi.file_wrapper: iterates over a file-like object; a real file is sent by the kernel."""

    def __init__(self, filelike, blksize=8192):
        self.filelike = filelike
        self.blksize = blksize
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self):
        return self

    def __next__(self):
        data = self.filelike.read(self.blksize)
        if data:
            return data
        raise StopIteration

    def __getitem__(self, key):
        data = self.filelike.read(self.blksize)
        if data:
            return data
        raise IndexError

    def _file_part(self):
        """(fd, offset, size) of what is left of a regular file; None for anything else."""
        try:
            fd = self.filelike.fileno()
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                return None
            offset = self.filelike.tell()
        except (AttributeError, OSError, ValueError):
            return None
        return fd, offset, max(0, status.st_size - offset)


class WSGIErrorsWrapper:
    """wsgi.errors: text that goes where the error log goes."""

    def __init__(self, log):
        self.log = log

    @property
    def streams(self):
        # Asked each time: USR1 replaces the stream of a handler.
        streams = [getattr(handler, "stream", None) for handler in self.log.handlers]
        return [stream for stream in streams if stream is not None]

    def write(self, data):
        for stream in self.streams:
            stream.write(data)
            stream.flush()

    def writelines(self, lines):
        self.write("".join(lines))

    def flush(self):
        for stream in self.streams:
            stream.flush()


class Response:
    """The response as post_request and loggers see it: `status`, `status_code`, `headers`, `sent`, ..."""

    def __init__(self, req, status, status_code, headers, response_length, sent, headers_sent):
        self.req = req
        self.status = status
        self.status_code = status_code
        self.headers = headers
        self.response_length = response_length
        self.sent = sent
        self.headers_sent = headers_sent
        self.chunked = response_length is None
        self.must_close = False
        self.version = SERVER


def response_from_native(req, status, status_code, headers, response_length, sent, headers_sent):
    headers = [tuple(item) for item in headers] if headers is not None else []
    return Response(req, status, status_code, headers, response_length, sent, headers_sent)


def base_environ(cfg, multithread, multiprocess):
    """The part of every environ that is the same for all requests of a worker."""
    import gunicorn

    return {
        "wsgi.errors": WSGIErrorsWrapper(logging.getLogger("gunicorn.error")),
        "wsgi.version": (1, 0),
        "wsgi.multithread": multithread,
        "wsgi.multiprocess": multiprocess,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        "wsgi.input_terminated": True,
        "SERVER_SOFTWARE": gunicorn.SERVER_SOFTWARE,
    }
