"""A Django application that asks its database, renders a template and fails deep inside of it."""

import logging
import sys

import django
import sentry_sdk
import serving
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template import Library
from django.urls import path

PAGE = """{% load django_invoice %}<h1>Invoice {{ number }}</h1>
{% for line in lines %}
  <p>{{ line.name }}: {{ line.price|in_francs }}</p>
{% endfor %}
"""
register = Library()
log = logging.getLogger("shop.invoices")


@register.filter
def in_francs(price: str) -> str:
    return f"CHF {float(price):.2f}"


def invoice(request: HttpRequest, number: int) -> HttpResponse:
    from django.contrib.auth.models import Permission
    from django.shortcuts import render

    lines = [{"name": f"article {place}", "price": str(place)} for place in range(number)] + [{"price": "ten francs"}]
    for line in lines:
        found = Permission.objects.filter(name=line.get("name", "")).first()
        log.info("article %s is %s", line.get("name"), found)
    return render(request, "invoice.html", {"number": number, "lines": lines})


urlpatterns = [path("invoices/<int:number>/", invoice)]
template = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "OPTIONS": {
        "loaders": [("django.template.loaders.locmem.Loader", {"invoice.html": PAGE})],
        "libraries": {"django_invoice": __name__},
    },
}
settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="of a test",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.security.SecurityMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:shop?mode=memory&cache=shared"}},
    TEMPLATES=[template],
    DEBUG=True,
)
sys.modules.setdefault("django_invoice", sys.modules[__name__])
sentry_sdk.init()
logging.getLogger("shop.invoices").setLevel(logging.INFO)
django.setup()
from django.core.management import call_command  # noqa: E402

call_command("migrate", verbosity=0)
serving.call(get_wsgi_application(), "/invoices/4/?currency=CHF")
sentry_sdk.flush()
