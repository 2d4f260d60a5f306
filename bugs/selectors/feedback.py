"""Reads of feedback, and which bug an event belongs to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from audit.actors import Principal
from bugs import policy
from bugs.models import Feedback
from bugs.selectors import pieces

_ROWS = """
    SELECT f.id, p.key AS project, f.message, f.name, f.email, f.url, f.event_id, f.source,
           f.bug_id, p.key || '-' || b.number AS bug,
           e.id AS error_bug_id, p.key || '-' || e.number AS error_bug, f.created_at
    FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, place)
    JOIN bugs_feedback f ON f.id = wanted.id
    JOIN bugs_project p ON p.id = f.project_id
    JOIN bugs_bug b ON b.id = f.bug_id
    LEFT JOIN bugs_bug e ON e.id = f.error_bug_id AND e.deleted_at IS NULL
    ORDER BY wanted.place
"""
# What was sent under an event's id: a report, whose group may have a bug, or feedback, which is one.
_OF_EVENTS = """
    SELECT s.event_id, b.id, coalesce(b.attachment_count, 0), coalesce(r.environment, ''), coalesce(r.release, '')
    FROM bugs_seenevent s
    LEFT JOIN bugs_errorreport r ON r.id = s.report_id
    LEFT JOIN bugs_errorgroup g ON g.id = r.group_id
    LEFT JOIN bugs_feedback f ON f.id = s.report_id
    LEFT JOIN bugs_bug b ON b.id = coalesce(g.bug_id, f.bug_id) AND b.deleted_at IS NULL
    WHERE s.project_id = %s AND s.event_id = ANY(%s::uuid[])
"""
_LEFT = """
    SELECT f.project_id, f.event_id, b.id FROM bugs_feedback f
    JOIN bugs_seenevent s ON s.project_id = f.project_id AND s.event_id = f.event_id
    JOIN bugs_errorreport r ON r.id = s.report_id
    JOIN bugs_errorgroup g ON g.id = r.group_id
    JOIN bugs_bug b ON b.id = g.bug_id AND b.deleted_at IS NULL
    WHERE f.id > %s AND f.error_bug_id IS NULL AND f.event_id IS NOT NULL
    LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of an event that came. bug_id is None when it belongs to no bug, or to a deleted one."""

    bug_id: UUID | None
    attachment_count: int
    environment: str
    release: str


def of_events(project_id: UUID, event_ids: Collection[UUID]) -> dict[UUID, Sent]:
    """The events of those ids that came to the project."""
    if not event_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_EVENTS, [project_id, list(event_ids)])
        return {event_id: Sent(*known) for event_id, *known in cursor.fetchall()}


def left_unlinked(since: UUID, limit: int) -> list[tuple[UUID, UUID, UUID]]:
    """Project, event and bug of feedback from an id on that is not linked although its error has a bug."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [since, limit])
        found: list[tuple[UUID, UUID, UUID]] = cursor.fetchall()
    return found


def visible(principal: Principal, *, project: str = "") -> QuerySet[Feedback, Any]:
    """The gate: feedback whose bugs this principal may see."""
    rows = Feedback.objects.filter(project_id__in=policy.projects(principal, "bug.read"), bug__deleted_at=None)
    return rows.filter(project__key=project) if project else rows


def of_bug(rows: QuerySet[Feedback, Any], bug_id: UUID) -> QuerySet[Feedback, Any]:
    """What became this bug, or is about its errors."""
    return rows.filter(Q(bug_id=bug_id) | Q(error_bug_id=bug_id))


def documents_of(feedback_ids: Sequence[UUID]) -> list[str]:
    """Feedback as JSON texts in the order of its ids, which a gate let through."""
    return pieces.texts_of_rows(_ROWS, [list(feedback_ids)]) if feedback_ids else []
