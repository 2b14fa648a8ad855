import flask

from frameworks import common

app = flask.Flask(__name__)


@app.post("/form")
def form():
    return flask.jsonify(flask.request.form.to_dict(flat=False))


@app.post("/upload")
def upload():
    files = flask.request.files.items(multi=True)
    return flask.jsonify([common.describe_file(field, one.filename, one.stream.read) for field, one in files])


@app.post("/json")
def json():
    return flask.jsonify(got=flask.request.get_json())


@app.post("/count")
def count():
    return common.read_in_pieces(flask.request.stream.read)


def number():
    return int(flask.request.query_string)


@app.get("/stream")
def stream():
    return flask.Response(flask.stream_with_context(common.pieces(number())), mimetype="text/plain")


@app.get("/large")
def large():
    response = flask.Response(common.large(number()), mimetype="application/octet-stream")
    response.content_length = number() * len(common.PIECE)
    return response


@app.get("/redirect/absolute")
def absolute():
    return flask.redirect(flask.url_for("echo", path="there", _external=True))


@app.get("/redirect/relative")
def relative():
    return flask.redirect(flask.url_for("echo", path="there"))


@app.get("/cookies")
def cookies():
    response = flask.jsonify(flask.request.cookies)
    response.set_cookie("one", "1", httponly=True)
    response.set_cookie("two", "2; quoted", path="/cookies")
    return response


@app.get("/file")
def file():
    return flask.send_file(common.FILE, mimetype="text/x-python", conditional=True)


@app.get("/echo/<path:path>")
def echo(path):
    return flask.jsonify(path=path, query=flask.request.args.get("q"))


@app.get("/boom")
def boom():
    raise RuntimeError("boom in a view")


@app.errorhandler(404)
def missing(error):
    return "custom page for " + flask.request.path, 404
