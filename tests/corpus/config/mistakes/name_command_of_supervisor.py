# expect: GCF101 2:1 warning
command = "/srv/shop/bin/gunicorn"
workers = 2
