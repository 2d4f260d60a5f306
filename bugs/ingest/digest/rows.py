"""The reports themselves, written in one stream."""

from uuid import UUID

import orjson
from django.db import connection

from bugs.ingest.digest import packing
from bugs.ingest.digest.batch import Group
from bugs.ingest.reading.normalize import Report
from bugs.privacy import originals

_FIELDS = (
    *("id", "event_id", "occurred_at", "received_at", "level", "message"),
    *("component", "environment", "release", "session_id", "redaction_version"),
)
_TYPES = ("uuid", "uuid", "timestamptz", "timestamptz", "text", "text", "text", "text", "text", "text", "int4")
_COLUMNS = ", ".join(("project_id", "group_id", "payload", "originals", *_FIELDS))
_COPY = f"COPY bugs_errorreport ({_COLUMNS}) FROM STDIN (FORMAT BINARY)"
Packed = tuple[bytes, bytes | None]  # payload and originals


class Row:
    """A report with its group, as the counts of errors want it."""

    __slots__ = ("component", "environment", "group_id", "level", "occurred_at", "release")

    def __init__(self, report: Report, group_id: UUID) -> None:
        self.group_id, self.occurred_at, self.level = group_id, report.occurred_at, report.level
        self.component, self.environment, self.release = report.component, report.environment, report.release


def packed(project_id: UUID, batch: list[Group]) -> list[Packed]:
    """The payloads of a batch and what was taken out of them, in its order."""
    found = []
    for group in batch:
        why = {"reason": group.identity.reason, "parts": group.identity.parts}
        for report in group.reports:
            payload = packing.pack(project_id, orjson.dumps(report.as_payload(grouping=why)))
            found.append((payload, originals.sealed(report.originals, table="bugs_errorreport", row=report.id)))
    return found


def keep(project_id: UUID, batch: list[Group], made: list[Packed]) -> list[Row]:
    """Write the reports of a batch, whose groups have their rows, with their payloads."""
    reports = [(group.id, report) for group in batch for report in group.reports]
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(["uuid", "uuid", "bytea", "bytea", *_TYPES])
        for (group_id, report), packed in zip(reports, made, strict=True):
            copy.write_row([project_id, group_id, *packed, *(getattr(report, name) for name in _FIELDS)])
    return [Row(report, group_id) for group_id, report in reports]
