"""Stored reports read again under other rules: what was taken out is put back, and taken out anew."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from bugs import rollups
from bugs.grouping_rules import Rule
from bugs.ingest.digest import packing
from bugs.ingest.grouping import rules, stored
from bugs.ingest.reading import redaction as reading
from bugs.ingest.reading.normalize import Report
from bugs.models import ErrorReport
from bugs.privacy import originals, redaction
from bugs.selectors import grouping_rules, payloads
from bugs.selectors.privacy import Active
from bugs.services import counting
from bugs.services.redacting_bugs import Chunk

CHUNK = 100
TABLE = "bugs_errorreport"
COLUMNS = ("message", "component", "environment", "release", "session_id")
# What other rows are found by: more may go out of these names, and nothing comes back into them.
SESSION = "/session_id"
NAMES = frozenset({"/environment", "/release", SESSION})
_KEEP = """
    UPDATE bugs_errorreport SET payload = %s, originals = %s, redaction_version = %s,
        message = %s, component = %s, environment = %s, release = %s, session_id = %s
    WHERE id = %s
"""


def redo(project_id: UUID, active: Active, after: UUID | None) -> Chunk:
    """The next reports of a project."""
    rows = ErrorReport.objects.filter(project_id=project_id, pk__gt=after or UUID(int=0))
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    if not ids:
        return Chunk(None)
    stale = ErrorReport.objects.filter(pk__in=ids).exclude(redaction_version=active.version)
    own_rules = grouping_rules.load(project_id)
    rows_held = stale.order_by("pk").select_for_update(no_key=True)
    changed = [_Redone(row, active, own_rules) for row in rows_held]
    _keep(project_id, changed, active)
    return Chunk(ids[-1], len(ids), sum(one.is_changed for one in changed))


class _Redone:
    """A row, its report under other rules, and what that is kept as."""

    __slots__ = ("columns", "is_changed", "payload", "row", "sealed")

    def __init__(self, row: ErrorReport, active: Active, own_rules: Sequence[Rule]) -> None:
        text = payloads.unpack(row.payload)
        old, taken = orjson.loads(text), originals.opened(row.originals, table=TABLE, row=row.pk)
        names = {pointer: taken.pop(pointer) for pointer in NAMES & taken.keys()}
        report = _restored(row, old, taken)
        (found,) = reading.redact([report], active.rules)
        found.pop(SESSION, None)
        report.session_id = row.session_id
        new = orjson.dumps(report.as_payload(**_meta(old, report, own_rules)))
        self.row, self.is_changed = row, new != text
        self.payload = packing.pack(row.project_id, new)
        self.sealed = originals.sealed({**found, **names}, table=TABLE, row=row.pk)
        self.columns = {name: getattr(report, name) for name in COLUMNS}


def _restored(row: ErrorReport, document: dict[str, Any], taken: Mapping[str, str]) -> Report:
    whole = redaction.restored(document, taken)
    return stored.report_of({**whole, "id": str(row.pk), "event_id": str(row.event_id)})


def _meta(old: dict[str, Any], report: Report, own_rules: Sequence[Rule]) -> dict[str, Any]:
    """Beside what a report says itself: how it was grouped, told anew since that has texts of it."""
    known = {name: value for name, value in old["meta"].items() if name not in ("errors", "redacted", "fingerprint")}
    identity, _ = rules.identify(own_rules, report)
    return {**known, "grouping": {"reason": identity.reason, "parts": identity.parts}}


def _keep(project_id: UUID, changed: Sequence[_Redone], active: Active) -> None:
    before: Counter[rollups.Fact] = Counter()
    after: Counter[rollups.Fact] = Counter()
    values = []
    for one in changed:
        before[rollups.error(one.row)] += 1
        for name, value in one.columns.items():
            setattr(one.row, name, value)
        after[rollups.error(one.row)] += 1
        columns = [one.columns[name] for name in COLUMNS]
        values.append([one.payload, one.sealed, active.version, *columns, one.row.pk])
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(_KEEP, values)
        counting.changed(project_id, before, after)
