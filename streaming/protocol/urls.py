"""The pages about the stream; the stream itself is in routing.py."""

from django.urls import path

from streaming.protocol import views

urlpatterns = [
    path("stream", views.page, name="stream_docs"),
    path("stream.yaml", views.as_yaml, name="stream_docs_yaml"),
    path("stream.json", views.as_json, name="stream_docs_json"),
]
