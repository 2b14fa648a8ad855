"""The `req` object of hooks and loggers."""


class Request:
    """One request. `headers` is a list of (UPPER-NAME, value) that a pre_request hook may change, as it may `scheme`."""

    def __init__(self, method, uri, path, query, fragment, version, headers, body, scheme, peer_addr, must_close):
        self.method = method
        self.uri = uri
        self.path = path
        self.query = query
        self.fragment = fragment
        self.version = version
        self.headers = headers
        self.body = body
        self.scheme = scheme
        self.peer_addr = peer_addr
        self.remote_addr = peer_addr
        self.must_close = must_close
        self.trailers = []
        self.proxy_protocol_info = None

    def should_close(self):
        return self.must_close


def from_native(method, uri, path, query, fragment, version, headers, body, scheme, address, port, must_close):
    peer = (address, int(port)) if port else address
    return Request(method, uri, path, query, fragment, version, headers, body, scheme, peer, must_close)
