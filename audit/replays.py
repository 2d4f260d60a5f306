"""What streams must still tell: events and kept announcements from a position on, as the facts that listeners get."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from audit import eras
from audit.announcements import PRUNED
from audit.selectors import REPLAY_LIMIT, Position

_WHERE = """
    WHERE era = %(era)s AND xid >= %(fence)s AND (type = ANY(%(exact)s) OR type LIKE ANY(%(families)s))
      AND (%(projects)s::uuid[] IS NULL OR project_id = ANY(%(projects)s::uuid[]))
"""
_FIND = f"""
    (SELECT id, era, xid, seq, type, version, subject, project_id, actor, occurred_at, data FROM audit_event {_WHERE}
     ORDER BY xid, seq LIMIT %(most)s)
    UNION ALL
    (SELECT id, era, xid, 0, type, 1, subject, project_id, 'system', occurred_at, data FROM audit_announcement {_WHERE}
     ORDER BY xid, id LIMIT %(most)s)
"""  # noqa: S608
_PRUNED = f"""
    SELECT EXISTS (
        SELECT FROM audit_announcement WHERE era = %(era)s AND xid >= %(fence)s AND type = '{PRUNED}'
          AND (subject = ANY(%(exact)s) OR subject LIKE ANY(%(families)s))
          AND (%(projects)s::uuid[] IS NULL OR project_id = ANY(%(projects)s::uuid[]))
    )
"""  # noqa: S608
# The newest of those that are one too many, and of what is no longer kept.
_RECENT = f"""
    SELECT coalesce(max(xid), -1) + 1 FROM (
        (SELECT xid FROM audit_event WHERE era = %(era)s ORDER BY xid DESC, seq DESC OFFSET %(most)s LIMIT 1)
        UNION ALL
        (SELECT xid FROM audit_announcement WHERE era = %(era)s ORDER BY xid DESC OFFSET %(most)s LIMIT 1)
        UNION ALL
        (SELECT max(xid) FROM audit_announcement WHERE era = %(era)s AND type = '{PRUNED}')
    ) beyond
"""  # noqa: S608

Fact = dict[str, Any]


def facts_since(
    start: Position, *, types: Collection[str], project_ids: Collection[UUID] | None = None, limit: int = REPLAY_LIMIT
) -> list[Fact] | None:
    """All visible facts of these types from a position on, by transaction: may repeat what was seen, never skips.

    types: patterns as in EVENT_LISTENERS. project_ids: None for all. None when there are more than limit or some are
    no longer kept: the caller must say that there is a gap.
    """
    era = eras.current()
    if start.mark != era.mark:
        return None
    with connection.cursor() as cursor:
        wanted = _parameters(era.number, start.fence, types, project_ids, limit + 1)
        cursor.execute(_FIND, wanted)
        rows = cursor.fetchall()
        cursor.execute(_PRUNED, wanted)  # after the rows: what goes meanwhile is noticed
        (is_pruned,) = cursor.fetchone()
    if is_pruned or len(rows) > limit:
        return None
    return sorted(map(_fact, rows), key=lambda fact: (fact["xid"], fact["seq"]))


def recent_position(limit: int) -> Position:
    """From where on there are at most so many events, and as many announcements, and all of them are kept."""
    era = eras.current()
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, {"era": era.number, "most": limit})
        (fence,) = cursor.fetchone()
    return Position(era.mark, fence)


def _parameters(
    era: int, fence: int, types: Collection[str], project_ids: Collection[UUID] | None, most: int
) -> dict[str, Any]:
    return {
        "era": era,
        "fence": fence,
        "exact": [one for one in types if not one.endswith("*")],
        "families": [f"{one[:-1].replace('_', chr(92) + '_')}%" for one in types if one.endswith("*")],
        "projects": None if project_ids is None else list(project_ids),
        "most": most,
    }


def _fact(row: tuple[Any, ...]) -> Fact:
    row_id, era, xid, seq, kind, version, subject, project_id, actor, occurred_at, data = row
    return {
        "id": str(row_id),
        "era": era,
        "xid": xid,
        "seq": seq,
        "type": kind,
        "version": version,
        "subject": subject,
        "project_id": str(project_id) if project_id else None,
        "actor": actor,
        "occurred_at": occurred_at.isoformat(),
        "data": orjson.loads(data) if isinstance(data, str) else data,
    }
