# expect: GCF315 5:11 note
# args: --check-config=offline
certfile = "/etc/ssl/shop/fullchain.pem"
keyfile = "/etc/ssl/shop/privkey.pem"
ciphers = "ECDHE+AESGCM"


def ssl_context(config, default_ssl_context_factory):
    return default_ssl_context_factory()
