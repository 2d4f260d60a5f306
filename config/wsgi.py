"""The WSGI door: REST, admin, dashboard, ingest."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.admission import Admission

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = Admission(
    get_wsgi_application(),
    at_work=settings.WEB_CALLS_AT_WORK,
    waiting=settings.WEB_CALLS_WAITING,
    patience=settings.WEB_PATIENCE_SECONDS,
)
