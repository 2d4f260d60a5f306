"""Error reports as they were kept: found by ids in an index, unpacked as JSON texts, never read again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.utils import timezone

from audit.actors import Principal
from audit.identifiers import first_of
from bugs import moments, policy
from bugs.models import ErrorReport
from bugs.privacy import originals, redaction
from bugs.selectors import payloads, pieces
from bugs.selectors.pieces import Piece

GROUPS_MAX = 200  # of one bug, those seen last

_GROUPS = """
    SELECT g.id, g.project_id, g.first_seen_at FROM bugs_errorgroup g WHERE g.bug_id = %s
    ORDER BY g.last_seen_at DESC LIMIT %s
"""
# Ids come out of the index alone, newest first of each group; months before the first report are left out.
_OF_GROUPS = """
    SELECT r.id FROM unnest(%s::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
        SELECT id FROM bugs_errorreport
        WHERE project_id = %s AND group_id = wanted.id AND id > %s AND id < %s
        ORDER BY id {order} LIMIT %s
    ) r ORDER BY r.id {order} LIMIT %s
"""
_OF_EACH = """
    SELECT wanted.bug_id, array(
        SELECT r.id FROM (
            SELECT id, project_id FROM bugs_errorgroup WHERE bug_id = wanted.bug_id
            ORDER BY last_seen_at DESC LIMIT %s
        ) g CROSS JOIN LATERAL (
            SELECT id FROM bugs_errorreport
            WHERE project_id = g.project_id AND group_id = g.id AND id > %s AND id < %s
            ORDER BY id DESC LIMIT %s
        ) r ORDER BY r.id DESC LIMIT %s
    ) FROM unnest(%s::uuid[]) AS wanted(bug_id)
"""
_SINCE = "(SELECT min(first_seen_at) FROM bugs_errorgroup WHERE bug_id = b.id AND b.project_id = ANY(%s))"
_NEWEST, _OLDEST = _OF_GROUPS.format(order="DESC"), _OF_GROUPS.format(order="ASC")
_PAYLOADS = """
    SELECT r.id, r.group_id, p.key, r.payload FROM bugs_errorreport r JOIN bugs_project p ON p.id = r.project_id
    WHERE r.id = ANY(%s::uuid[]) ORDER BY r.id DESC
"""


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of one project, as far as looking for their reports needs them."""

    project_id: UUID
    ids: list[UUID]
    since: datetime


def since(principal: Principal) -> Piece:
    """When the errors of a bug began; NULL when there are none that this principal may read."""
    return Piece(_SINCE, [list(policy.projects(principal, "error.read"))])


def documents(bug_id: UUID, *, principal: Principal, limit: int) -> list[str]:
    """The newest reports of a bug as JSON texts, newest first; none for those who may not read errors."""
    ids = newest_of_each({bug_id: pieces.value(bug_id, since(principal))}, limit)
    return documents_of(ids.get(bug_id, []))


def newest_of_each(began: Mapping[UUID, datetime | None], limit: int) -> dict[UUID, list[UUID]]:
    """The ids of the newest reports of several bugs, by when their errors began (`since`)."""
    known = {bug_id: at for bug_id, at in began.items() if at is not None}
    if not known:
        return {}
    between = [first_of(min(known.values()) - moments.NEWEST), first_of(timezone.now() + moments.NEWEST)]
    with connection.cursor() as cursor:
        cursor.execute(_OF_EACH, [GROUPS_MAX, *between, limit, limit, list(known)])
        return dict(cursor.fetchall())


def newest(
    bug_id: UUID, *, principal: Principal, limit: int, start: UUID | None = None, back: bool = False
) -> list[UUID]:
    """The ids of the newest reports of a bug's groups; from an id on to older ones, or back to newer ones."""
    groups = groups_of(bug_id, principal=principal)
    return newest_of(groups, limit=limit, start=start, back=back) if groups else []


def newest_of(groups: Groups, *, limit: int, start: UUID | None = None, back: bool = False) -> list[UUID]:
    """The same of groups that a gate let through."""
    first, end = first_of(groups.since - moments.NEWEST), first_of(timezone.now() + moments.NEWEST)
    between = [start or first, end] if back else [first, start or end]
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST if back else _NEWEST, [groups.ids, groups.project_id, *between, limit, limit])
        return [row[0] for row in cursor.fetchall()]


def groups_of(bug_id: UUID, *, principal: Principal) -> Groups | None:
    """The groups of a bug when there are any that this principal may read."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, [bug_id, GROUPS_MAX])
        rows = cursor.fetchall()
    if not rows or not policy.allows(principal, "error.read", rows[0][1]):
        return None
    return Groups(rows[0][1], [row[0] for row in rows], min(row[2] for row in rows))


def documents_of(report_ids: Sequence[UUID]) -> list[str]:
    """Reports as JSON texts, newest first. For callers who hold ids that a gate let through."""
    return list(documents_by_id(report_ids).values())


def documents_by_id(report_ids: Collection[UUID]) -> dict[UUID, str]:
    """The same by their ids."""
    if not report_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PAYLOADS, [list(report_ids)])
        return {row[0]: _document(*row) for row in cursor.fetchall()}


def raw(report_id: UUID) -> dict[str, Any]:
    """A report as it came, with what redaction took out of it. For callers whom the policy let through."""
    row = ErrorReport.objects.values_list("originals", flat=True).get(pk=report_id)
    document = orjson.loads(documents_by_id([report_id])[report_id])
    found: dict[str, Any] = redaction.restored(document, originals.opened(row, table="bugs_errorreport", row=report_id))
    return found


def _document(report_id: UUID, group_id: UUID, project: str, payload: memoryview) -> str:
    """The payload with the record's own ids set before its first field."""
    head = f'{{"id":"{report_id}","group_id":"{group_id}","project":"{project}"'
    fields = payloads.unpack(payload).decode()[1:]
    return f"{head}}}" if fields == "}" else f"{head},{fields}"
