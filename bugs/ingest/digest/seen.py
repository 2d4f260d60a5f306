"""Event ids of errors and of feedback, each noted once, so that what is sent twice counts once."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

_NOTE = """
    INSERT INTO bugs_seenevent (project_id, event_id, seen_at, report_id)
    SELECT %s, event_id, now(), row_id FROM unnest(%s::uuid[], %s::uuid[]) AS t(event_id, row_id)
    ORDER BY event_id ON CONFLICT DO NOTHING RETURNING event_id
"""


def note(project_id: UUID, rows: Mapping[UUID, UUID]) -> set[UUID]:
    """Those that did not come before; under each the row is found that it becomes. Waits for whoever notes the same."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [project_id, list(rows), list(rows.values())])
        return {row[0] for row in cursor.fetchall()}
