# expect: GCF306 5:13 error
# args: --check-config=offline
certfile = "/etc/ssl/shop/fullchain.pem"
keyfile = "/etc/ssl/shop/privkey.pem"
cert_reqs = 2
