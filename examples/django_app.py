"""Django in a single file (Debian: python3-django).

    gunicorn --pythonpath examples -c examples/configs/production.py django_app:app
"""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="an example keeps no secrets",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)


def index(request):
    return HttpResponse("hello from Django\n", content_type="text/plain")


def echo(request):
    return HttpResponse(request.body, content_type=request.content_type)


def form(request):
    return JsonResponse(dict(request.POST.items(), files={name: file.size for name, file in request.FILES.items()}))


def stream(request, count):
    return StreamingHttpResponse(("line %d\n" % number for number in range(count)), content_type="text/plain")


urlpatterns = [
    path("", index),
    path("echo", echo),
    path("form", form),
    path("stream/<int:count>", stream),
]

app = get_wsgi_application()
