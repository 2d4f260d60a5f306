"""The reports themselves, written in one stream."""

from uuid import UUID

import orjson
from django.db import connection

from bugs.ingest.digest import packing
from bugs.ingest.digest.batch import Group
from bugs.ingest.reading.normalize import Report

_FIELDS = (
    *("id", "event_id", "occurred_at", "received_at", "level", "message"),
    *("component", "environment", "release", "session_id"),
)
_TYPES = ("uuid", "uuid", "timestamptz", "timestamptz", "text", "text", "text", "text", "text", "text")
_COPY = f"COPY bugs_errorreport (project_id, group_id, payload, {', '.join(_FIELDS)}) FROM STDIN (FORMAT BINARY)"


class Row:
    """A report with its group, as the counts of errors want it."""

    __slots__ = ("component", "environment", "group_id", "level", "occurred_at", "release")

    def __init__(self, report: Report, group_id: UUID) -> None:
        self.group_id, self.occurred_at, self.level = group_id, report.occurred_at, report.level
        self.component, self.environment, self.release = report.component, report.environment, report.release


def packed(project_id: UUID, batch: list[Group]) -> list[bytes]:
    """The payloads of a batch, in its order."""
    found = []
    for group in batch:
        why = {"reason": group.identity.reason, "parts": group.identity.parts}
        found += [packing.pack(project_id, orjson.dumps(report.as_payload(grouping=why))) for report in group.reports]
    return found


def keep(project_id: UUID, batch: list[Group], payloads: list[bytes]) -> list[Row]:
    """Write the reports of a batch, whose groups have their rows, with their payloads."""
    reports = [(group.id, report) for group in batch for report in group.reports]
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(["uuid", "uuid", "bytea", *_TYPES])
        for (group_id, report), payload in zip(reports, payloads, strict=True):
            copy.write_row([project_id, group_id, payload, *(getattr(report, name) for name in _FIELDS)])
    return [Row(report, group_id) for group_id, report in reports]
