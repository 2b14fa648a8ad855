# TLS without a proxy in front; docs/tls.md explains it. Check it before it is used, as the user who starts the service:
#   gunicorn -c tls.py --check-config shop.wsgi:application

import os

# As certbot leaves them; another folder: CERTIFICATES=/srv/tls gunicorn -c tls.py ...
live = os.environ.get("CERTIFICATES", "/etc/letsencrypt/live/shop.example")

bind = ["0.0.0.0:8443"]
certfile = live + "/fullchain.pem"  # the server's certificate, then its issuer's; read by the master, at a start and at HUP
keyfile = live + "/privkey.pem"  # nobody but the user who starts the server has to read it

# The ciphers of TLS 1.2; those of TLS 1.3 are always on offer.
ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"

# Only clients that a certificate of ours vouches for (environ["SSL_CLIENT_S_DN"] says who it is):
# ca_certs = "/etc/shop/clients.pem"
# cert_reqs = 2

workers = 2
