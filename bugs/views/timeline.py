"""The story of a bug over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.models import Bug
from bugs.selectors import timeline
from bugs.serializers import errors as serializers
from bugs.views.conventions import found
from config.api.views import ViewSet


class TimelineViewSet(ViewSet):
    """Everything that happened around one bug, in one order."""

    queryset = Bug.objects.none()
    serializer_class = serializers.TimelineSerializer
    filter_backends = []
    requires = {"retrieve": "bug.read"}

    @extend_schema(
        responses=serializers.TimelineSerializer,
        summary="Read the timeline of a bug",
        description=(
            "Session start, user actions, API failures, auth errors, errors, lifecycle and comments, oldest first. "
            f"It is made from the newest {timeline.REPORTS_MAX} reports and has at most {timeline.ENTRIES_MAX} "
            "entries; `complete` says whether that was all. A refused call is told once, as an auth error."
        ),
    )
    def retrieve(self, request: Request, bug: str) -> Response:
        story = timeline.of_bug(found(self.principal, bug), principal=self.principal)
        return Response({"results": story.entries, "complete": story.is_complete})
