"""The naive site's settings: Django's and DRF's defaults on the same database, without keys, limits or audit."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.naive"
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None, "DEFAULT_AUTHENTICATION_CLASSES": []}
SECRET_KEY = "the naive site keeps nothing secret"
