# The least that a server needs to be told. Everything here may also be said on the command line:
#   gunicorn --bind 127.0.0.1:8000 --workers 2 hello:app

bind = "127.0.0.1:8000"
workers = 2
