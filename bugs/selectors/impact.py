"""One pattern in full: what goes with it, how it went day by day, whom it met, what its newest reports share."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Count, Min, Q

from bugs import patterns, rollups
from bugs.intervals import Range
from bugs.models import AffectedUser, Release
from bugs.selectors import correlations, counts, groups, reports
from bugs.selectors import patterns as found

SAMPLE = 50  # newest reports looked at
RELEASES_MAX = 100


def of_group(project_id: UUID, group_id: UUID, *, span: Range) -> dict[str, Any]:
    """Everything that is known of a pattern that a gate let through; of a group behind another, of that one."""
    group_id = groups.head_of(group_id)
    everyone = groups.ids_of(group_id)
    asked = counts.Question([project_id], [rollups.ERRORS], span.before, span.end, {"group_id": everyone})
    series = counts.series(asked, span.edges)
    current = sum(count.count for count in series if count.place > 0)
    before = sum(count.count for count in series if count.place == 0)
    users, new_users = _users(everyone, span)
    counted = found.Counted(group_id, users, span.end, current, before)
    (pattern,) = found.described([counted], start=span.start)
    family = groups.family_of(group_id)
    ids = reports.newest_of(family, limit=SAMPLE) if family else []
    sample = [orjson.loads(text) for text in reports.documents_of(ids)]
    releases = Release.objects.filter(project_id=project_id).order_by("-created_at", "-id")
    versions = list(releases.values_list("version", flat=True)[:RELEASES_MAX])
    return {
        "pattern": pattern,
        "correlations": correlations.of(project_id, group_id),
        "trends": _points(series, span),
        "recommendations": patterns.recommendations(pattern, sample, versions),
        "affected_users": {"total": users, "new": new_users},
        "system_impact": {
            "looked_at": len(sample),
            **patterns.shares(sample),
            "metrics": patterns.metrics(sample),
        },
    }


def _users(group_ids: Collection[UUID], span: Range) -> tuple[int, int]:
    """Who met one of the groups, and who met the first of them in the range."""
    met = AffectedUser.objects.filter(group_id__in=group_ids).values("user_key").annotate(first=Min("first_seen_at"))
    in_range = Q(first__gte=span.start, first__lt=span.end)
    row = met.aggregate(total=Count("user_key"), new=Count("user_key", filter=in_range))
    return row["total"], row["new"]


def _points(series: list[counts.Count], span: Range) -> list[dict[str, Any]]:
    by_place = {count.place: count.count for count in series}
    return [{"at": edge, "count": by_place.get(place, 0)} for place, edge in enumerate(span.edges, start=1)]
