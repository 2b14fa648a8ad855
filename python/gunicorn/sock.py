"""TLS contexts, as `gunicorn.sock` offers them to worker classes and applications."""

import ssl

__all__ = ["ssl_context", "ssl_wrap_socket"]


def ssl_context(conf):
    """The context that connections use: what the hook `ssl_context` makes, else the one of the settings."""

    def default_ssl_context_factory():
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=conf.ca_certs)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certfile=conf.certfile, keyfile=conf.keyfile)
        context.verify_mode = conf.cert_reqs
        if conf.ciphers:
            context.set_ciphers(conf.ciphers)
        context.set_alpn_protocols(["http/1.1"])
        return context

    return conf.ssl_context(conf, default_ssl_context_factory)


def ssl_wrap_socket(sock, conf):
    """`sock` with TLS, for worker classes that read and write it themselves."""
    return ssl_context(conf).wrap_socket(
        sock,
        server_side=True,
        do_handshake_on_connect=conf.do_handshake_on_connect,
        suppress_ragged_eofs=conf.suppress_ragged_eofs,
    )
