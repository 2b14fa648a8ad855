"""The smallest application, under both of its usual names."""


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
    return [b"hello\n"]


application = app
not_callable = "text"


def factory(greeting, mark="."):
    def made(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [(greeting + mark).encode()]

    return made


class Box:
    app = staticmethod(app)


box = Box()
