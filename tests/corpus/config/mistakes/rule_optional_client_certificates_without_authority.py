# expect: GCF345 7:13 warning
# args: --check-config=offline
import ssl

certfile = "/etc/ssl/shop/fullchain.pem"
keyfile = "/etc/ssl/shop/privkey.pem"
cert_reqs = ssl.CERT_OPTIONAL
