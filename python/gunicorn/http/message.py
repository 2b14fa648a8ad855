"""The `req` object of hooks and loggers."""


class Request:
    """One request. `headers` is a list of (UPPER-NAME, value) that a pre_request hook may change, as it may `scheme`."""

    def __init__(
        self, method, uri, path, query, fragment, version, headers, body, scheme, peer_addr, remote_addr, proxied, must_close
    ):
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
        self.remote_addr = remote_addr
        self.must_close = must_close
        self.trailers = []
        self.proxy_protocol_info = proxied

    def should_close(self):
        return self.must_close


def address_of(host, port):
    """As socket.getpeername() has it: a text for a unix socket."""
    return (host, int(port)) if port else host


def proxy_protocol_info(protocol, client, client_port, proxy, proxy_port):
    """The names are Gunicorn's; None for what the PROXY header did not name."""
    return {
        "proxy_protocol": protocol,
        "client_addr": client or None,
        "client_port": int(client_port) if client_port else None,
        "proxy_addr": proxy or None,
        "proxy_port": int(proxy_port) if proxy_port else None,
    }


def from_native(
    method, uri, path, query, fragment, version, headers, body, scheme, peer, client, proxied, must_close
):
    return Request(
        method,
        uri,
        path,
        query,
        fragment,
        version,
        headers,
        body,
        scheme,
        address_of(*peer),
        address_of(*client),
        proxy_protocol_info(*proxied) if proxied else None,
        must_close,
    )
