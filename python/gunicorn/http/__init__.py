from gunicorn.http.message import Request

__all__ = ["Request"]
