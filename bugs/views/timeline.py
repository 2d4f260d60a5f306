"""Stories over REST: of a bug, of a session; and the releases that they play in."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.models import Bug, Release, Session
from bugs.selectors import releases, timeline
from bugs.serializers import errors as serializers
from bugs.views import parameters
from bugs.views.conventions import found
from config.api.pagination import paginate
from config.api.problems import not_found
from config.api.views import ViewSet

RELEASE_FIELDS = ("id", "version", "created_at", "released_at")


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


class SessionViewSet(ViewSet):
    """Sessions of users of a program, each with its journey."""

    queryset = Session.objects.none()
    serializer_class = serializers.JourneySerializer
    filter_backends = []
    lookup_value_regex = "[^/]{1,64}"
    requires = {"retrieve": "error.read"}

    @extend_schema(
        parameters=[serializers.ProjectParametersSerializer],
        summary="Read the journey of a session",
        description="By id, or by what the SDK calls it.",
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        project = parameters.of(request, serializers.ProjectParametersSerializer).get("project", "")
        session = releases.find_session(self.principal, pk, project)
        if session is None:
            raise not_found()
        project_id = session.pop("project_id")
        story = timeline.of_session(session, project_id=project_id)
        return Response({"session": session, "results": story.entries, "complete": story.is_complete})


class ReleaseViewSet(ViewSet):
    """Versions of programs, with commits and changed files."""

    queryset = Release.objects.none()
    serializer_class = serializers.ReleaseSerializer
    filter_backends = []
    lookup_value_regex = "[^/]{1,200}"
    requires = {"list": "error.read", "retrieve": "error.read"}

    @extend_schema(
        parameters=[serializers.ProjectParametersSerializer],
        responses=serializers.ReleaseSerializer(many=True),
        summary="List releases",
        description="The newest first.",
    )
    def list(self, request: Request) -> Response:
        project = parameters.of(request, serializers.ProjectParametersSerializer).get("project", "")
        rows = releases.releases_for(self.principal, project)
        return paginate(request, rows, order="-created_at", render=lambda page, _: _documents(page))

    @extend_schema(
        parameters=[serializers.ProjectParametersSerializer],
        responses=serializers.ReleaseDetailSerializer,
        summary="Read a release, its commits and changed files",
        description="By id or by version; with `project` where several have that version.",
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        project = parameters.of(request, serializers.ProjectParametersSerializer).get("project", "")
        release_id = releases.find_release(self.principal, pk, project)
        if release_id is None:
            raise not_found()
        (document,) = _documents(Release.objects.filter(pk=release_id))
        return Response({**document, "changes": releases.changes_of(release_id)})


def _documents(rows: Any) -> list[dict[str, Any]]:
    return [{"project": row.pop("project__key"), **row} for row in rows.values("project__key", *RELEASE_FIELDS)]
