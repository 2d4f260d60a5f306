"""The doors of bugs."""

from rest_framework.routers import SimpleRouter

from bugs.views.bugs import BugViewSet

router = SimpleRouter()
router.register("bugs", BugViewSet, basename="bugs")
urlpatterns = router.urls
