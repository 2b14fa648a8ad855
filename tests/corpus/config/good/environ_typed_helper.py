# case: one helper function reads every variable and converts it
# env: WEB_TIMEOUT=45 WEB_RELOAD=no WEB_MAX_REQUESTS=1000
import os

_MISSING = object()


def env(name, default=_MISSING, cast=str):
    """A variable of this service, converted."""
    raw = os.environ.get("WEB_" + name)
    if raw is None:
        if default is _MISSING:
            raise LookupError(name)
        return default
    if cast is bool:
        return raw.strip().lower() in {"1", "yes", "true", "on"}
    return cast(raw)


timeout = env("TIMEOUT", 30, int)  #: timeout
reload = env("RELOAD", False, bool)  #: reload
max_requests = env("MAX_REQUESTS", 0, int)  #: max_requests
max_requests_jitter = env("JITTER", max_requests // 10, int)  #: max_requests_jitter
bind = env("BIND", "127.0.0.1:8013")  #: bind
