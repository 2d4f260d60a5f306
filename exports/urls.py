"""The list of doors."""

from rest_framework.routers import SimpleRouter

from exports import views

router = SimpleRouter()
router.register("exports", views.ExportViewSet, basename="exports")
urlpatterns = router.urls
