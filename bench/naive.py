"""The API as most would write it first: ModelViewSet, ModelSerializer, numbered pages. It has no rights to check."""

from django.core.wsgi import get_wsgi_application
from rest_framework import serializers, viewsets
from rest_framework.pagination import PageNumberPagination
from rest_framework.routers import SimpleRouter

application = get_wsgi_application()

from bugs.models import Bug  # noqa: E402 (the apps are loaded now)
from bugs.selectors import BUG_FIELDS  # noqa: E402


class BugSerializer(serializers.ModelSerializer):
    reference = serializers.SerializerMethodField()
    project = serializers.CharField(source="project.key")
    reporter = serializers.CharField(source="reporter.username", default=None)
    assignee = serializers.CharField(source="assignee.username", default=None)

    class Meta:
        model = Bug
        fields = BUG_FIELDS

    def get_reference(self, bug: Bug) -> str:
        return f"{bug.project.key}-{bug.number}"


class Pages(PageNumberPagination):
    page_size = 50


class BugViewSet(viewsets.ModelViewSet):
    queryset = Bug.objects.select_related("project", "reporter", "assignee").order_by("-created_at")
    serializer_class = BugSerializer
    pagination_class = Pages

    def get_queryset(self):
        bugs = super().get_queryset()
        project = self.request.query_params.get("project")
        return bugs.filter(project_id=project) if project else bugs


router = SimpleRouter()
router.register("bugs", BugViewSet)
urlpatterns = router.urls
