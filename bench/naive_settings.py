"""The naive site's settings: Django's and DRF's defaults on the same database."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES, REDIS_URL

ROOT_URLCONF = "bench.naive"
ASGI_APPLICATION = "bench.naive.asgi"
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None, "DEFAULT_AUTHENTICATION_CLASSES": []}
# Django's own default is a connection for each request; the rounds on gunicorn are spared that.
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": int(os.environ.get("NAIVE_CONN_MAX_AGE", "0")),
    "CONN_HEALTH_CHECKS": False,
}
NAIVE_LIMITS = REDIS_URL.replace("unix://", "redis+unix://", 1)
