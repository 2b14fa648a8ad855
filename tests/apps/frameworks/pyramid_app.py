from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound
from pyramid.response import FileResponse, Response

from frameworks import common


def form(request):
    return {name: request.POST.getall(name) for name in request.POST}


def upload(request):
    return [common.describe_file(field, one.filename, one.file.read) for field, one in request.POST.items()]


def json(request):
    return {"got": request.json_body}


def count(request):
    return common.read_in_pieces(request.body_file.read)


def number(request):
    return int(request.query_string)


def stream(request):
    return Response(app_iter=common.pieces(number(request)), content_type="text/plain")


def large(request):
    return Response(app_iter=common.large(number(request)), content_type="application/octet-stream",
                    content_length=number(request) * len(common.PIECE))


def absolute(request):
    return HTTPFound(request.route_url("echo", path=("there",)))


def relative(request):
    return HTTPFound(request.route_path("echo", path=("there",)))


def cookies(request):
    request.response.set_cookie("one", "1", httponly=True)
    request.response.set_cookie("two", "2; quoted", path="/cookies")
    return dict(request.cookies)


def file(request):
    return FileResponse(str(common.FILE), request=request, content_type="text/x-python")


def echo(request):
    return {"path": "/".join(request.matchdict["path"]), "query": request.GET.get("q")}


def boom(request):
    raise RuntimeError("boom in a view")


def missing(request):
    return Response("custom page for " + request.path_info, status=404)


with Configurator() as config:
    for view in (form, upload, json, count, cookies, boom):
        config.add_route(view.__name__, "/" + view.__name__)
        config.add_view(view, route_name=view.__name__, renderer="json")
    for view in (stream, large, file):
        config.add_route(view.__name__, "/" + view.__name__)
        config.add_view(view, route_name=view.__name__)
    for view in (absolute, relative):
        config.add_route(view.__name__, "/redirect/" + view.__name__)
        config.add_view(view, route_name=view.__name__)
    config.add_route("echo", "/echo/*path")
    config.add_view(echo, route_name="echo", renderer="json")
    config.add_notfound_view(missing)
    app = config.make_wsgi_app()
