import json as jsons

import bottle
from bottle import request, response

from frameworks import common

app = bottle.Bottle()


@app.post("/form")
def form():
    return {name: request.forms.decode().getall(name) for name in request.forms.keys()}


@app.post("/upload")
def upload():
    response.content_type = "application/json"
    files = request.files.allitems()
    return jsons.dumps([common.describe_file(field, one.raw_filename, one.file.read) for field, one in files])


@app.post("/json")
def json():
    return {"got": request.json}


@app.post("/count")
def count():
    return common.read_in_pieces(request.environ["wsgi.input"].read)


def number():
    return int(request.query_string)


@app.get("/stream")
def stream():
    response.content_type = "text/plain"
    return common.pieces(number())


@app.get("/large")
def large():
    response.content_type = "application/octet-stream"
    response.content_length = number() * len(common.PIECE)
    return common.large(number())


@app.get("/redirect/absolute")
def absolute():
    bottle.redirect("http://test/echo/there", 302)


@app.get("/redirect/relative")
def relative():
    bottle.redirect("/echo/there", 302)


@app.get("/cookies")
def cookies():
    response.set_cookie("one", "1", httponly=True)
    response.set_cookie("two", "2; quoted", path="/cookies")
    return dict(request.cookies)


@app.get("/file")
def file():
    return bottle.static_file(common.FILE.name, root=str(common.FILE.parent), mimetype="text/x-python")


@app.get("/echo/<path:path>")
def echo(path):
    return {"path": path, "query": request.query.decode().get("q")}


@app.get("/boom")
def boom():
    raise RuntimeError("boom in a view")


@app.error(404)
def missing(error):
    return "custom page for " + request.path
