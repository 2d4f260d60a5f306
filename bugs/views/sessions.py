"""Sessions over REST: the list, and the journey of one."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.models import Session
from bugs.selectors import errors, sessions, timeline
from bugs.serializers import releases as serializers
from bugs.views import parameters
from config.api.pagination import Found, Place, paginate_found
from config.api.problems import not_found
from config.api.views import ViewSet


class SessionViewSet(ViewSet):
    """Sessions of users of a program, each with its journey."""

    queryset = Session.objects.none()
    serializer_class = serializers.SessionSerializer
    filter_backends = []
    lookup_value_regex = "[^/]{1,64}"
    requires = {"list": "error.read", "retrieve": "error.read"}

    @extend_schema(
        parameters=[serializers.SessionParametersSerializer],
        responses=serializers.SessionSerializer(many=True),
        summary="List sessions",
        description=(
            f"Those that began last first. A page looks at {sessions.SCAN_MAX} sessions of a project at most; with a "
            "filter that few match it may be short, or empty, and has a next one all the same."
        ),
    )
    def list(self, request: Request) -> Response:
        asked = parameters.of(request, serializers.SessionParametersSerializer)
        projects = errors.projects_for(self.principal, asked.pop("project", ""))
        wanted = sessions.Wanted(**asked)

        def find(start: Place | None, back: bool, limit: int) -> Found:
            return Found(*sessions.find(projects, wanted, start=start, back=back, limit=limit))

        return paginate_found(request, find, sessions.documents_of)

    @extend_schema(
        parameters=[serializers.ReleaseParametersSerializer],
        responses=serializers.JourneySerializer,
        summary="Read the journey of a session",
        description="By id, or by what the SDK calls it.",
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        project = parameters.of(request, serializers.ReleaseParametersSerializer).get("project", "")
        session = sessions.find_session(self.principal, pk, project)
        if session is None:
            raise not_found()
        project_id: Any = session.pop("project_id")
        story = timeline.of_session(session, project_id=project_id)
        return Response({"session": session, "results": story.entries, "complete": story.is_complete})
