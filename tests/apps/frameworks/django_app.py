import email.utils
import json as jsons

import django.conf
from django.core.wsgi import get_wsgi_application
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.urls import path

from frameworks import common

django.conf.settings.configure(
    ALLOWED_HOSTS=["*"],
    DEBUG=False,
    MIDDLEWARE=["django.middleware.http.ConditionalGetMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of a test",
    USE_TZ=True,
)


def form(request):
    return JsonResponse(dict(request.POST.lists()))


def upload(request):
    files = [(field, one) for field, many in request.FILES.lists() for one in many]
    return JsonResponse([common.describe_file(field, one.name, one.read) for field, one in files], safe=False)


def json(request):
    return JsonResponse({"got": jsons.loads(request.body)})


def count(request):
    return JsonResponse(common.read_in_pieces(request.read))


def number(request):
    return int(request.META["QUERY_STRING"])


def stream(request):
    return StreamingHttpResponse(common.pieces(number(request)), content_type="text/plain")


def large(request):
    response = StreamingHttpResponse(common.large(number(request)), content_type="application/octet-stream")
    response["Content-Length"] = number(request) * len(common.PIECE)
    return response


def absolute(request):
    return HttpResponseRedirect(request.build_absolute_uri("/echo/there"))


def relative(request):
    return HttpResponseRedirect("/echo/there")


def cookies(request):
    response = JsonResponse(request.COOKIES)
    response.set_cookie("one", "1", httponly=True)
    response.set_cookie("two", "2; quoted", path="/cookies")
    return response


def file(request):
    response = FileResponse(open(common.FILE, "rb"), content_type="text/x-python")
    response["Last-Modified"] = email.utils.formatdate(common.FILE.stat().st_mtime, usegmt=True)
    return response


def echo(request, path):
    return JsonResponse({"path": path, "query": request.GET.get("q")})


def boom(request):
    raise RuntimeError("boom in a view")


def missing(request, exception):
    return HttpResponse("custom page for " + request.path, status=404)


handler404 = missing
urlpatterns = [path(view.__name__, view) for view in (form, upload, json, count, stream, large, cookies, file, boom)]
urlpatterns += [path("redirect/absolute", absolute), path("redirect/relative", relative)]
urlpatterns += [path("echo/<path:path>", echo)]
app = get_wsgi_application()
