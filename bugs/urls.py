"""The doors of bugs."""

from rest_framework.routers import SimpleRouter

from bugs.views.bugs import BugViewSet
from bugs.views.bulk import BulkViewSet

router = SimpleRouter()
router.register("bugs/bulk", BulkViewSet, basename="bugs_bulk")
router.register("bugs", BugViewSet, basename="bugs")
urlpatterns = router.urls
