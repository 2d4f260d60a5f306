"""The list of sockets."""

from django.urls import path

from streaming.authentication import StreamAuthentication
from streaming.consumers import StreamConsumer

websocket_urlpatterns = [
    path("ws/v1/stream", StreamAuthentication(StreamConsumer.as_asgi())),
]
