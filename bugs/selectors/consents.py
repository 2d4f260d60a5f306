"""Reads of consents: what was decided, newest first, and whose data may be passed on as it was written."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet

from audit.actors import Principal
from bugs import policy
from bugs.models import Consent, Reporter

# A bug is told by whoever gave the feedback that it came from, else by the person who filed it here. Of a bug that
# nobody told there is nobody who could agree.
_AGREED = """
    WITH teller AS (
        SELECT b.id AS bug_id, r.id AS reporter_id FROM bugs_bug b
        LEFT JOIN bugs_reporter r ON r.project_id = b.project_id AND r.user_id = b.reporter_id
        WHERE b.id = ANY(%(bugs)s::uuid[]) AND b.reporter_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM bugs_feedback f WHERE f.bug_id = b.id)
        UNION ALL
        SELECT f.bug_id, f.reporter_id FROM bugs_feedback f WHERE f.bug_id = ANY(%(bugs)s::uuid[])
    )
    SELECT t.bug_id FROM teller t LEFT JOIN LATERAL (
        SELECT c.is_granted FROM bugs_consent c WHERE c.reporter_id = t.reporter_id AND c.purpose = %(purpose)s
        ORDER BY c.id DESC LIMIT 1
    ) newest ON true
    GROUP BY t.bug_id HAVING bool_and(coalesce(newest.is_granted, false))
"""


def consents_for(principal: Principal, project: str = "") -> QuerySet[Consent, Any]:
    """The gate: decisions in projects where this principal may know of them."""
    rows = Consent.objects.filter(project_id__in=policy.projects(principal, "consent.read"))
    return rows.filter(project__key=project) if project else rows


def rows_of(consents: QuerySet[Consent, Any]) -> list[dict[str, Any]]:
    """Decisions of a gated queryset, in its order. Who it was is not said, but for members."""
    named = consents.annotate(project_key=F("project__key"), username=F("reporter__user__username"))
    columns = ("id", "reporter_id", "username", "purpose", "is_granted", "source", "actor", "decided_at")
    return [_shown(row) for row in named.values("project_key", *columns)]


def standing(reporter: Reporter) -> dict[str, bool]:
    """What a reporter has decided last, by purpose."""
    newest = Consent.objects.filter(reporter=reporter).order_by("purpose", "-id").distinct("purpose")
    return dict(newest.values_list("purpose", "is_granted"))


def agreed(bug_ids: Collection[UUID], purpose: str) -> set[UUID]:
    """Those of the bugs whose tellers all agreed to that, and have not taken it back."""
    if not bug_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_AGREED, {"bugs": list(bug_ids), "purpose": purpose})
        return {row[0] for row in cursor.fetchall()}


def taken_back(project_ids: Collection[UUID], purpose: str, since: datetime) -> bool:
    """Whether anyone in these projects took a consent for that back since then."""
    rows = Consent.objects.filter(project_id__in=project_ids, purpose=purpose, is_granted=False)
    return rows.filter(decided_at__gte=since).exists()


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {"project": row.pop("project_key"), **row}
