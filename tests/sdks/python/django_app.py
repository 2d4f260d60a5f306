"""A Django application that fails in a request."""

import sys

import django
import sentry_sdk
import serving
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path


def order(request: HttpRequest, number: int) -> HttpResponse:
    prices = {1: 10}
    return HttpResponse(prices[number])


def front(request: HttpRequest) -> HttpResponse:
    return HttpResponse("welcome")


urlpatterns = [path("orders/<int:number>/", order), path("", front)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="of a test", LOGGING_CONFIG=None)
sys.modules.setdefault("django_app", sys.modules[__name__])
sentry_sdk.init()
django.setup()
serving.call(get_wsgi_application(), "/", "/orders/77/?coupon=SPRING")
sentry_sdk.flush()
