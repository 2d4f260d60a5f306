"""Releases over REST: what is in them, how well they do, and which of their commits are suspects of a bug."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import commits, intervals
from bugs.models import Bug, Release
from bugs.selectors import health, releases, suspects
from bugs.serializers import releases as serializers
from bugs.services import releases as services
from bugs.views import parameters
from bugs.views.conventions import domain_errors, found, named_project
from config.api.pagination import paginate
from config.api.problems import Problem, not_found
from config.api.views import ViewSet, identifier


class ReleaseViewSet(ViewSet):
    """Versions of programs, with commits and changed files."""

    queryset = Release.objects.none()
    serializer_class = serializers.ReleaseSerializer
    filter_backends = []
    lookup_value_regex = "[^/]{1,200}"
    requires = {
        "list": "error.read",
        "retrieve": "error.read",
        "create": "release.write",
        "partial_update": "release.write",
    }

    @extend_schema(
        parameters=[serializers.ReleaseListParametersSerializer],
        responses=serializers.ReleaseSerializer(many=True),
        summary="List releases",
        description=(
            "The newest first. `health` is of the last 24 hours, from the newest "
            f"{health.LISTED_MAX} sessions of each release; `complete` says whether those were all."
        ),
    )
    def list(self, request: Request) -> Response:
        asked = parameters.of(request, serializers.ReleaseListParametersSerializer)
        rows = releases.releases_for(self.principal, asked.get("project", ""))
        environment = asked.get("environment", "")
        return paginate(request, rows, order="-created_at", render=lambda page, _: _with_health(page, environment))

    @extend_schema(
        parameters=[serializers.HealthParametersSerializer],
        responses=serializers.ReleaseDetailSerializer,
        summary="Read a release, its commits and how well it does",
        description=(
            "By id or by version; with `project` where several have that version. `health` is of the last 24 hours "
            f"unless `from` and `to` say otherwise, from its newest {health.LOOKED_MAX} sessions in that range."
        ),
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        asked = parameters.of(request, serializers.HealthParametersSerializer)
        span = _span(asked)
        release_id = self._found(pk, asked.get("project", ""))
        (document,) = releases.documents(Release.objects.filter(pk=release_id))
        project_id, environment = document.pop("project_id"), asked.get("environment", "")
        figures = health.of_release(project_id, document["version"], span=span, environment=environment)
        return Response({**document, "health": figures, "changes": releases.changes_of(release_id)})

    @extend_schema(
        request=serializers.NewReleaseSerializer,
        responses={201: serializers.WrittenReleaseSerializer, 200: serializers.WrittenReleaseSerializer},
        summary="Tell of a release and what is in it",
        description=(
            "A release that is there already (200 instead of 201) gets the commits that it does not have yet. A commit "
            "that another release has named stays there. With `commit` alone it gets every pushed commit up to that "
            "one that no release has; a new one with neither gets all of them."
        ),
    )
    def create(self, request: Request) -> Response:
        told = self.checked(serializers.NewReleaseSerializer)
        project_id = named_project(self.principal, told.pop("project"))
        told["commit"] = commits.identifier(told["commit"])
        told["commits"] = [_commit(commit) for commit in told["commits"]]
        with domain_errors():
            release, is_new = services.publish(project_id=project_id, by=self.principal, **told)
        response = Response(_document(release.pk), status=201 if is_new else 200)
        response["Location"] = request.build_absolute_uri(f"/api/v1/releases/{release.pk}/")
        return response

    @extend_schema(
        request=serializers.ReleaseChangesSerializer,
        responses=serializers.WrittenReleaseSerializer,
        summary="Say when a release was released",
        description="By id: several projects may have the same version.",
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = self.checked(serializers.ReleaseChangesSerializer)
        with domain_errors():
            release = services.change(identifier(pk), by=self.principal, **changes)
        return Response(_document(release.pk))

    def _found(self, name: str, project: str) -> UUID:
        release_id = releases.find_release(self.principal, name, project)
        if release_id is None:
            raise not_found()
        return release_id


class SuspectViewSet(ViewSet):
    """Commits that may have to do with a bug."""

    queryset = Bug.objects.none()
    serializer_class = serializers.SuspectsSerializer
    filter_backends = []
    requires = {"retrieve": "bug.read"}

    @extend_schema(
        responses=serializers.SuspectsSerializer,
        summary="List the suspect commits of a bug",
        description=(
            "Commits that changed files which the error went through: of the release that showed the bug first, or, "
            "where nobody told what is in it, of what was pushed before, or of the release before (`basis`). At most "
            f"{suspects.RESULTS_MAX}, most suspect first. A suspect is a place to look first, not a cause."
        ),
    )
    def retrieve(self, request: Request, bug: str) -> Response:
        return Response(suspects.of_bug(found(self.principal, bug), principal=self.principal))


def _span(asked: dict[str, Any]) -> intervals.Range:
    """The range that parameters name, by UTC."""
    zone = intervals.zone_of("UTC")
    try:
        return intervals.range_of(asked["from"], asked["to"], asked["interval"], zone, timezone.now())
    except intervals.BadRange as error:
        raise Problem(400, "invalid_range", str(error), pointer=f"/{error.name}") from None


def _commit(told: Mapping[str, Any]) -> commits.Commit:
    parts = {name: told[name] for name in ("message", "author", "files", "committed_at")}
    return commits.cut(told.get("commit") or told["id"], **parts)


def _document(release_id: UUID) -> dict[str, Any]:
    (document,) = releases.documents(Release.objects.filter(pk=release_id))
    return {name: value for name, value in document.items() if name != "project_id"}


def _with_health(page: Any, environment: str) -> "list[dict[str, Any]]":
    rows, now = releases.documents(page), timezone.now()
    pairs = [(row.pop("project_id"), row["version"]) for row in rows]
    start, limit = now - health.RECENT, health.LISTED_MAX
    figures = health.of_releases(pairs, start=start, end=now, environment=environment, limit=limit)
    return [{**row, "health": each} for row, each in zip(rows, figures, strict=True)]
