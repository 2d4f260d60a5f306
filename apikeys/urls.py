"""The doors of keys."""

from rest_framework.routers import SimpleRouter

from apikeys.views import ApiKeyViewSet

router = SimpleRouter()
router.register("api-keys", ApiKeyViewSet, basename="api_keys")
urlpatterns = router.urls
