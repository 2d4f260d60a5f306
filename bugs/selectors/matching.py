"""Filter documents: of each bug what the filter language asks for, so that filters can be answered in memory."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from bugs.models import User
from bugs.query import memory

MAX_GROUPS = 200
MAX_WATCHERS = 1_000

_COLUMNS = (
    *("number", "status", "severity", "priority", "bug_type", "resolution", "component", "environment", "release"),
    *("tags", "custom", "reporter_id", "assignee_id", "due_on", "error_level", "error_count", "user_count"),
    *("comment_count", "attachment_count", "reopen_count", "created_at", "updated_at", "last_error_at"),
    *("triaged_at", "resolved_at", "closed_at"),
)
_READ = f"""
    SELECT row_to_json(t)::text FROM (
        SELECT b.id, p.key AS project, {", ".join(f"b.{name}" for name in _COLUMNS)},
            (SELECT username FROM bugs_user u WHERE u.id = b.reporter_id) AS reporter,
            (SELECT username FROM bugs_user u WHERE u.id = b.assignee_id) AS assignee,
            (SELECT k.key || '-' || m.number FROM bugs_bug m JOIN bugs_project k ON k.id = m.project_id
                WHERE m.id = b.merged_into_id) AS merged_into,
            b.words::text AS words,
            ARRAY(SELECT g.context_words::text FROM bugs_errorgroup g WHERE g.bug_id = b.id LIMIT {MAX_GROUPS})
                AS contexts,
            ARRAY(SELECT json_build_array(w.user_id, u.username) FROM bugs_watcher w
                JOIN bugs_user u ON u.id = w.user_id WHERE w.bug_id = b.id LIMIT {MAX_WATCHERS}) AS watchers
        FROM bugs_bug b JOIN bugs_project p ON p.id = b.project_id WHERE b.id = ANY(%s)
    ) t
"""  # noqa: S608
_TIMES = tuple(name for name in _COLUMNS if name.endswith("_at"))


def filter_documents(bug_ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    """id -> filter document of the bugs as they are now. For callers who have tested membership."""
    if not bug_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(bug_ids)])
        documents = [_document(orjson.loads(row[0])) for row in cursor.fetchall()]
    return {document["id"]: document for document in documents}


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    """User names by id, for what events say of people."""
    return dict(User.objects.filter(pk__in=user_ids).values_list("pk", "username")) if user_ids else {}


def as_event_left(
    document: Mapping[str, Any], data: Mapping[str, Any], names: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """The filter document after an event, with what the event changed for `changed:` and `.was:`.

    names: of the people that the event tells of; without them an assignee is the present one.
    """
    told = {name: data[name] for name in ("status", "severity", "priority", "bug_type") if name in data}
    changes = {**dict.fromkeys(data.get("fields") or ()), **(data.get("changes") or {})}
    if names is not None and (move := changes.get("assignee")):
        told |= {"assignee_id": move["to"], "assignee": names.get(move["to"])}
    return {**document, **told, "changes": changes}


def as_event_found(document: Mapping[str, Any], data: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """The same before the event, as far as the event tells."""
    found = {**as_event_left(document, data, names), "changes": {}}
    for name, change in (data.get("changes") or {}).items():
        if name == "assignee":
            found |= {"assignee_id": change["from"], "assignee": names.get(change["from"])}
        elif name in found:
            found[name] = change["from"]
    return found


def _document(row: dict[str, Any]) -> dict[str, Any]:
    for name in _TIMES:
        row[name] = row[name] and datetime.fromisoformat(row[name]).astimezone(UTC)
    row["due_on"] = row["due_on"] and date.fromisoformat(row["due_on"])
    row["words"] = memory.vector(row["words"])
    row["contexts"] = [memory.vector(text) for text in row["contexts"]]
    return row
