"""Analytics over REST: bugs over time, how work goes, errors over time, and the figures of one bug."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import intervals, policy, rollups
from bugs.models import Project, User
from bugs.selectors import analytics, error_rates, performance, series
from bugs.selectors.series import Asked
from bugs.serializers import analytics as shapes
from bugs.serializers import figures
from bugs.views.conventions import found
from config.api.filtering import refuse_unknown
from config.api.problems import Problem, not_found, unknown_project
from config.api.views import ViewSet

PEOPLE = ("assignee_id", "reporter_id")


class AnalyticsViewSet(ViewSet):
    """Questions over all bugs and errors of a project, answered from counts that are kept as things happen."""

    requires = {"bugs": "analytics.read", "performance": "analytics.read", "errors": "analytics.read"}
    costs = dict.fromkeys(requires, 5)

    @extend_schema(
        parameters=[shapes.BugsQuerySerializer], responses=shapes.OverTimeSerializer, summary="Bugs over time"
    )
    @action(detail=False)
    def bugs(self, request: Request) -> Response:
        query = _checked(request, shapes.BugsQuerySerializer)
        dimension, measure = query.get("group_by", ""), query["measure"]
        asked = self._asked(query, shapes.BugsQuerySerializer, timezone.now())
        _check_answerable(asked, measure, dimension)
        return Response(series.over_time(asked, measure, dimension))

    @extend_schema(
        parameters=[shapes.PerformanceQuerySerializer],
        responses=figures.PerformanceSerializer,
        summary="How work on bugs goes",
    )
    @action(detail=False)
    def performance(self, request: Request) -> Response:
        query, now = _checked(request, shapes.PerformanceQuerySerializer), timezone.now()
        asked = self._asked(query, shapes.PerformanceQuerySerializer, now)
        return Response(performance.of_projects(asked, query["group_by"], now))

    @extend_schema(
        parameters=[shapes.ErrorsQuerySerializer], responses=figures.ErrorFiguresSerializer, summary="Errors over time"
    )
    @action(detail=False)
    def errors(self, request: Request) -> Response:
        query, now = _checked(request, shapes.ErrorsQuerySerializer), timezone.now()
        asked = self._asked(query, shapes.ErrorsQuerySerializer, now)
        return Response(error_rates.of_projects(asked, query.get("group_by", ""), now))

    def _asked(self, query: dict[str, Any], shape: type[shapes.RangeQuerySerializer], now: datetime) -> Asked:
        projects = self._projects(query.get("project"))
        zones = set(projects.values())
        filters = _with_people(shape.filters_of(query))
        try:
            zone = intervals.zone_of(query.get("time_zone") or (zones.pop() if len(zones) == 1 else "UTC"))
            span = intervals.range_of(query["from"], query["to"], query["interval"], zone, now)
        except intervals.BadRange as error:
            raise Problem(400, "invalid_range", str(error), pointer=f"/{error.name}") from None
        return Asked(list(projects), span, filters, has_comparison=query.get("compare") == "previous")

    def _projects(self, key: str | None) -> dict[UUID, str]:
        """The projects that were asked for and may be read, with their time zones."""
        mine = Project.objects.filter(pk__in=policy.projects(self.principal, "analytics.read"))
        wanted = mine if key is None else mine.filter(key=key)
        projects = dict(wanted.values_list("pk", "time_zone"))
        if key is not None and not projects:
            raise unknown_project()
        return projects


class BugAnalyticsViewSet(ViewSet):
    """The figures of one bug."""

    requires = {"list": "analytics.read"}

    @extend_schema(
        responses=OpenApiResponse(figures.BugAnalyticsSerializer(many=False)), summary="The figures of one bug"
    )
    def list(self, request: Request, bug: str) -> Response:
        refuse_unknown(request.query_params, ())
        answer = analytics.of_bug(found(self.principal, bug))
        if not answer:
            raise not_found()
        return Response(answer)


def _checked(request: Request, shape: type[shapes.RangeQuerySerializer]) -> dict[str, Any]:
    refuse_unknown(request.query_params, set(shape().fields))
    query = shape(data=request.query_params)
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def _with_people(filters: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """User names become ids; a name that nobody has is nobody's."""
    return {column: _ids(values) if column in PEOPLE else values for column, values in filters.items()}


def _ids(names: list[str]) -> list[int]:
    return list(User.objects.filter(username__in=names).values_list("pk", flat=True))


def _check_answerable(asked: Asked, measure: str, dimension: str) -> None:
    if dimension == "status" and measure != rollups.CREATED:
        detail = "Only created bugs are counted by their status now."
        raise Problem(400, "not_counted", detail, pointer="/group_by")
    if measure == rollups.REOPENED:
        known = rollups.REOPENED_DIMENSIONS
        wrong = [name for name in (dimension, *asked.filters) if name and name not in known]
        if wrong:
            detail = f"Reopenings are counted by {' and '.join(known)} only."
            raise Problem(400, "not_counted", detail, pointer="/group_by" if wrong[0] == dimension else "/measure")
