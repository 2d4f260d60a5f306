"""The doors of the audit log."""

from rest_framework.routers import SimpleRouter

from audit.views import AccessViewSet, EventViewSet, SealViewSet, VerifyViewSet

router = SimpleRouter()
router.register("audit/events", EventViewSet, basename="audit_events")
router.register("audit/access", AccessViewSet, basename="audit_access")
router.register("audit/seals", SealViewSet, basename="audit_seals")
router.register("audit/verify", VerifyViewSet, basename="audit_verify")
urlpatterns = router.urls
