"""What the stream speaks, for people and programs; open without signing in, like the documentation of REST."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from streaming.protocol import document, writing
from streaming.protocol import page as layout


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "stream_docs.html", layout.context(_document()))


@require_safe
def as_yaml(request: HttpRequest) -> HttpResponse:
    return HttpResponse(writing.as_yaml(_document()), content_type="application/yaml; charset=utf-8")


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    return JsonResponse(_document())


def _document() -> dict[str, Any]:
    return _built(settings.STREAM_URL)


@cache
def _built(stream_url: str) -> dict[str, Any]:
    """Once: it changes with the code alone."""
    return document.build(stream_url)
