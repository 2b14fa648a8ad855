# expect: GCF314 5:12 warning
# args: --check-config=offline
certfile = "/etc/ssl/shop/fullchain.pem"
keyfile = "/etc/ssl/shop/privkey.pem"
ca_certs = "/etc/ssl/shop/clients.pem"
