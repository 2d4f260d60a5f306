"""One pattern in full: what goes with it, how it went day by day, whom it met, what its newest reports share."""

from typing import Any
from uuid import UUID

import orjson
from django.db.models import Count, Q

from bugs import patterns, rollups
from bugs.intervals import Range
from bugs.models import AffectedUser, Release
from bugs.selectors import correlations, counts, errors, reports
from bugs.selectors import patterns as found

SAMPLE = 50  # newest reports looked at
RELEASES_MAX = 100


def of_group(project_id: UUID, group_id: UUID, *, span: Range) -> dict[str, Any]:
    """Everything that is known of a pattern that a gate let through."""
    asked = counts.Question([project_id], [rollups.ERRORS], span.before, span.end, {"group_id": [group_id]})
    series = counts.series(asked, span.edges)
    current = sum(count.count for count in series if count.place > 0)
    before = sum(count.count for count in series if count.place == 0)
    users, new_users = _users(group_id, span)
    counted = found.Counted(group_id, users, span.end, current, before)
    (pattern,) = found.described([counted], start=span.start)
    ids, _ = errors.find([project_id], errors.Wanted(group=group_id), limit=SAMPLE)
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


def _users(group_id: UUID, span: Range) -> tuple[int, int]:
    in_range = Q(first_seen_at__gte=span.start, first_seen_at__lt=span.end)
    row = AffectedUser.objects.filter(group_id=group_id).aggregate(
        total=Count("user_key"), new=Count("user_key", filter=in_range)
    )
    return row["total"], row["new"]


def _points(series: list[counts.Count], span: Range) -> list[dict[str, Any]]:
    by_place = {count.place: count.count for count in series}
    return [{"at": edge, "count": by_place.get(place, 0)} for place, edge in enumerate(span.edges, start=1)]
