"""What became of what was sent, over REST: in numbers, and of one event."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import intervals
from bugs.ingest.outcomes import DISCARDED, FATES, RECEIVED
from bugs.selectors import errors
from bugs.selectors import outcomes as selectors
from bugs.selectors.outcomes import Sum
from bugs.serializers import outcomes as serializers
from bugs.views import parameters
from bugs.views.errors import UUIDS
from config.api.problems import Problem, not_found, unknown_project
from config.api.views import ViewSet, identifier

HOUR = timedelta(hours=1)
LONGEST = {"hour": timedelta(days=31), "day": timedelta(days=400)}
EVENT = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The id that the SDK gave it.")


class OutcomeViewSet(ViewSet):
    """Ingest that accounts for everything: what was received, and what became of it."""

    serializer_class = serializers.EventOutcomeSerializer
    filter_backends = []
    lookup_value_regex = UUIDS
    requires = {"figures": "error.read", "retrieve": "error.read"}

    @extend_schema(
        parameters=[serializers.OutcomesParametersSerializer],
        responses=serializers.OutcomesSerializer,
        summary="What became of what was sent",
        description=(
            "By category of items. Everything is counted in the hour in which it came, so in each hour what was "
            "received is the sum of its outcomes and of what is pending. Counts are exact at once."
        ),
    )
    def figures(self, request: Request) -> Response:
        asked = parameters.of(request, serializers.OutcomesParametersSerializer)
        projects = errors.projects_for(self.principal, key := asked.get("project", ""))
        if key and not projects:
            raise unknown_project()
        start, end = _span(asked)
        found = selectors.sums(projects, start, end, asked["group_by"])
        rows = [row for row in found.rows if asked.get("category", row.category) == row.category]
        return Response(
            {
                "from": start,
                "to": end,
                "group_by": asked["group_by"],
                "waiting_envelopes": found.waiting,
                "set_aside_envelopes": found.set_aside,
                "totals": [_figures(category, of) for category, of in _by(rows, "category")],
                "series": [
                    {"start": at, **_figures(category, of)}
                    for at, point in _by(rows, "at")
                    for category, of in _by(point, "category")
                ],
            }
        )

    @extend_schema(
        parameters=[EVENT, serializers.OutcomeProjectSerializer],
        summary="What became of one event",
        description="Of accepted events for 90 days, of others for a week.",
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        project = parameters.of(request, serializers.OutcomeProjectSerializer).get("project", "")
        try:
            told = selectors.of_event(self.principal, identifier(pk), project)
        except selectors.Ambiguous:
            detail = "Several of your projects have an event of this id. Say which one with project."
            raise Problem(400, "ambiguous_event", detail, pointer="/project") from None
        if told is None:
            raise not_found()
        return Response(told)


def _span(asked: dict[str, Any]) -> tuple[datetime, datetime]:
    """Whole hours, the last one too."""
    now, zone = timezone.now(), ZoneInfo("UTC")
    try:
        first, last = (intervals.moment(asked[name], name, zone, now).astimezone(UTC) for name in ("from", "to"))
    except intervals.BadRange as error:
        raise Problem(400, "invalid_range", str(error), pointer=f"/{error.name}") from None
    start = first.replace(minute=0, second=0, microsecond=0)
    end = (last + HOUR - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)
    if not timedelta() < end - start <= LONGEST[asked["group_by"]] + HOUR:
        detail = (
            f"A range by the {asked['group_by']} has {LONGEST[asked['group_by']].days} days at most, and ends last."
        )
        raise Problem(400, "invalid_range", detail, pointer="/from")
    return start, end


def _by(rows: Iterable[Sum], name: str) -> "list[tuple[Any, list[Sum]]]":
    found: dict[Any, list[Sum]] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return sorted(found.items())


def _figures(category: str, rows: Iterable[Sum]) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    for row in rows:
        counts[row.outcome] += row.quantity
        if row.reason:
            reasons.setdefault(row.outcome, Counter())[row.reason] += row.quantity
    figures = {name: counts[name] for name in (RECEIVED, *FATES)}
    pending = counts[RECEIVED] - sum(counts[name] for name in FATES)
    return {"category": category, **figures, "pending": pending, DISCARDED: counts[DISCARDED], "reasons": reasons}
