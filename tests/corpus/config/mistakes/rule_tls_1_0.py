# expect: GCF344 7:15 warning
# args: --check-config=offline
import ssl

certfile = "/etc/ssl/shop/fullchain.pem"
keyfile = "/etc/ssl/shop/privkey.pem"
ssl_version = ssl.PROTOCOL_TLSv1
