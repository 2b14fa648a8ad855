# case: the name of the server is replaced in the package
import gunicorn

gunicorn.SERVER_SOFTWARE = "shop"
gunicorn.SERVER = "shop/1"
workers = 2  #: workers
keepalive = 3  #: keepalive
