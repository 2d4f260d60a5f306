"""The stream process: sockets, server-sent events, and two answers for whoever watches over it."""

import os
from typing import Any, cast

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()  # before what follows: it loads the apps

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from config import probes  # noqa: E402
from streaming import routing  # noqa: E402

application = ProtocolTypeRouter(
    {
        # `manage.py runserver` serves all of the site through this; the stream process serves no pages.
        "http": routing.with_event_stream(cast(Any, django_application if settings.DEBUG else probes.application)),
        "websocket": probes.refuse_unknown(routing.websocket_urlpatterns, URLRouter(routing.websocket_urlpatterns)),
    }
)
