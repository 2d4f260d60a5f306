"""Error patterns over REST: the list, and one in full."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import intervals
from bugs.models import ErrorGroup
from bugs.selectors import errors, groups, impact, patterns
from bugs.serializers import patterns as serializers
from bugs.views import parameters
from bugs.views.errors import UUIDS
from config.api.pagination import Found, Place, paginate_found
from config.api.problems import Problem, not_found
from config.api.views import ViewSet, identifier


class PatternViewSet(ViewSet):
    """Kinds of errors that keep happening."""

    queryset = ErrorGroup.objects.none()
    serializer_class = serializers.PatternSerializer
    filter_backends = []
    lookup_value_regex = UUIDS
    requires = {"list": "error.read", "retrieve": "error.read"}
    costs = dict.fromkeys(requires, 5)

    @extend_schema(
        parameters=[serializers.PatternParametersSerializer],
        responses=serializers.PatternSerializer(many=True),
        summary="List error patterns",
        description=(
            f"Of the {patterns.CANDIDATES_MAX} groups of errors that were seen last in the range; `complete` says "
            "whether those were all. Without `from` the last seven days."
        ),
    )
    def list(self, request: Request) -> Response:
        asked = parameters.of(request, serializers.PatternParametersSerializer)
        span, ordering = _span(asked, "none"), asked.pop("ordering")
        projects = errors.projects_for(self.principal, asked.pop("project", ""))
        asked |= {"before": span.before, "start": span.start, "end": span.end, "by_users": ordering == "users"}
        wanted = patterns.Asked(projects=projects, **asked)
        counted, is_complete = patterns.find(wanted)
        places = [(value, one.id) for value, one in patterns.ordered(counted, ordering)]
        by_id = {one.id: one for one in counted}

        def render(ids: Any) -> Any:
            return patterns.described([by_id[group_id] for group_id in ids], start=span.start)

        response = paginate_found(request, lambda *how: Found(_from(places, *how)), render)
        response.data["complete"] = is_complete
        return response

    @extend_schema(
        parameters=[serializers.RangeParametersSerializer],
        responses=serializers.PatternDetailSerializer,
        summary="Read an error pattern",
        description="With correlations, counts day by day, recommendations, affected users and system impact.",
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        span = _span(parameters.of(request, serializers.RangeParametersSerializer), "day")
        group_id = identifier(pk)
        mine = groups.groups_for(self.principal).filter(pk=group_id)
        project_id: UUID | None = mine.values_list("project_id", flat=True).first()
        if project_id is None:
            raise not_found()
        return Response(impact.of_group(project_id, group_id, span=span))


def _span(asked: dict[str, Any], interval: str) -> intervals.Range:
    """The range that parameters name, taken out of them."""
    try:
        zone = intervals.zone_of("UTC")
        return intervals.range_of(asked.pop("from"), asked.pop("to"), interval, zone, timezone.now())
    except intervals.BadRange as error:
        raise Problem(400, "invalid_range", str(error), pointer=f"/{error.name}") from None


def _from(places: list[Place], start: Place | None, back: bool, limit: int) -> list[Place]:
    """Places, largest first, from one on or back from it."""
    if start is None:
        return places[:limit]
    if back:
        return [place for place in reversed(places) if place > start][:limit]
    return [place for place in places if place < start][:limit]
