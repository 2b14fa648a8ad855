import falcon

from frameworks import common


class Form:
    def on_post(self, req, resp):
        media = req.get_media()
        resp.media = {name: value if isinstance(value, list) else [value] for name, value in media.items()}


class Upload:
    def on_post(self, req, resp):
        resp.media = [common.describe_file(part.name, part.filename, part.stream.read) for part in req.get_media()]


class Json:
    def on_post(self, req, resp):
        resp.media = {"got": req.get_media()}


class Count:
    def on_post(self, req, resp):
        resp.media = common.read_in_pieces(req.bounded_stream.read)


class Stream:
    def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.stream = common.pieces(int(req.query_string))


class Large:
    def on_get(self, req, resp):
        count = int(req.query_string)
        resp.content_type = "application/octet-stream"
        resp.set_stream(common.large(count), count * len(common.PIECE))

    on_head = on_get


class Redirect:
    def on_get(self, req, resp, kind):
        raise falcon.HTTPFound("http://test/echo/there" if kind == "absolute" else "/echo/there")


class Cookies:
    def on_get(self, req, resp):
        resp.media = req.cookies
        resp.set_cookie("one", "1", secure=False)
        resp.set_cookie("two", "2; quoted", path="/cookies", secure=False)


class Boom:
    def on_get(self, req, resp):
        raise RuntimeError("boom in a view")


def echo(req, resp, path):
    resp.media = {"path": path, "query": req.get_param("q")}


def missing(req, resp):
    resp.status = falcon.HTTP_404
    resp.content_type = falcon.MEDIA_TEXT
    resp.text = "custom page for " + req.path


class File:
    """set_stream() with the file itself: Falcon makes a wsgi.file_wrapper of what has a read()."""

    def on_get(self, req, resp):
        resp.content_type = "text/x-python"
        resp.set_stream(open(common.FILE, "rb"), common.FILE.stat().st_size)

    on_head = on_get


app = falcon.App()
app.req_options.auto_parse_qs_csv = False
app.add_route("/form", Form())
app.add_route("/upload", Upload())
app.add_route("/json", Json())
app.add_route("/count", Count())
app.add_route("/stream", Stream())
app.add_route("/large", Large())
app.add_route("/redirect/{kind}", Redirect())
app.add_route("/cookies", Cookies())
app.add_route("/file", File())
app.add_route("/boom", Boom())
app.add_sink(missing, "/")
app.add_sink(echo, r"/echo/(?P<path>.*)")
