"""The doors of keys."""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from apikeys.limits.views import RateLimitViewSet
from apikeys.views import ApiKeyViewSet

router = SimpleRouter()
router.register("api-keys", ApiKeyViewSet, basename="api_keys")
_single = [re_path("^rate-limit/$", RateLimitViewSet.as_view({"get": "retrieve"}, basename="rate_limit"))]
urlpatterns = [*router.urls, *_single]
