"""The doors of the audit log."""

from rest_framework.routers import SimpleRouter

from audit.views import AccessViewSet, EventViewSet

router = SimpleRouter()
router.register("audit/events", EventViewSet, basename="audit_events")
router.register("audit/access", AccessViewSet, basename="audit_access")
urlpatterns = router.urls
