"""The list of sockets."""

from typing import Any, cast

from django.urls import path

from streaming.authentication import StreamAuthentication
from streaming.consumers import StreamConsumer
from streaming.handshakes import Handshakes

websocket_urlpatterns = [
    # Django's path knows views; to Channels' URLRouter it is any ASGI application.
    path("ws/v1/stream", cast(Any, Handshakes(StreamAuthentication(StreamConsumer.as_asgi())))),
]
