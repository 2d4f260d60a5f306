"""Stored reports read again under other rules: what was taken out is put back, and taken out anew."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import BinaryField
from django.db.models.functions import Substr

from bugs import rollups
from bugs.grouping_rules import Rule
from bugs.ingest.digest import packing
from bugs.ingest.grouping import rules, stored
from bugs.ingest.reading import redaction as reading
from bugs.ingest.reading.normalize import Report
from bugs.models import ErrorReport, Redaction
from bugs.privacy import originals, redaction
from bugs.selectors import grouping_rules, payloads
from bugs.selectors.privacy import Active
from bugs.services import counting, dictionaries
from bugs.services.redacting_bugs import Chunk
from config import keyring

CHUNK, SAMPLES = 100, 300
TABLE = "bugs_errorreport"
COLUMNS = ("message", "component", "environment", "release", "session_id")
# What other rows are found by: more may go out of these names, and nothing comes back into them.
SESSION = "/session_id"
NAMES = frozenset({"/environment", "/release", SESSION})
_HEAD = Substr("payload", 1, payloads.HEAD, output_field=BinaryField())
_KEEP = """
    UPDATE bugs_errorreport SET payload = %s, originals = %s, redaction_version = %s,
        message = %s, component = %s, environment = %s, release = %s, session_id = %s
    WHERE id = %s
"""


def redo(work: Redaction, active: Active) -> Chunk:
    """The next reports of a project: those cleaned by other rules, or packed with what was learnt from such."""
    rows = ErrorReport.objects.filter(project_id=work.project_id, pk__gt=work.last or UUID(int=0))
    heads = rows.annotate(head=_HEAD).order_by("pk").values_list("pk", "redaction_version", "head")[:CHUNK]
    looked_at = list(heads)
    if not looked_at:
        return Chunk(None)
    newest = payloads.newest_dictionary(work.project_id)
    before = set(dictionaries.older(work.project_id, work.counts.get("dictionary", 0)))
    stale = [
        pk for pk, version, head in looked_at if version != active.version or payloads.dictionary_of(head) in before
    ]
    read = _Reading(active, grouping_rules.load(work.project_id), newest)
    held = ErrorReport.objects.filter(pk__in=stale).order_by("pk").select_for_update(no_key=True)
    changed = [_Redone(row, read) for row in held]
    _keep(work.project_id, changed, active)
    return Chunk(looked_at[-1][0], len(looked_at), sum(one.is_changed for one in changed))


def learn(project_id: UUID, active: Active) -> int:
    """A dictionary of clean payloads, where there were others before; its id, or 0."""
    if not payloads.newest_dictionary(project_id):
        return 0
    read = _Reading(active, grouping_rules.load(project_id), 0)
    rows = ErrorReport.objects.filter(project_id=project_id).order_by("-pk")[:SAMPLES]
    return dictionaries.renew(project_id, [_Redone(row, read).text[: dictionaries.SAMPLE_MAX] for row in rows])


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reports are read by. newest: the dictionary that they are packed with."""

    active: Active
    own_rules: Sequence[Rule]
    newest: int


class _Redone:
    """A row, its report under other rules, and what that is kept as."""

    __slots__ = ("columns", "is_changed", "payload", "row", "sealed", "text")

    def __init__(self, row: ErrorReport, by: _Reading) -> None:
        text = payloads.unpack(row.payload)
        old, taken, kept = orjson.loads(text), *_opened(row)
        names = {pointer: taken.pop(pointer) for pointer in NAMES & taken.keys()}
        report = _restored(row, old, taken)
        (found,) = reading.redact([report], by.active.rules)
        found.pop(SESSION, None)
        report.session_id = row.session_id
        self.text = orjson.dumps(report.as_payload(**_meta(old, report, by.own_rules)))
        self.row, self.is_changed = row, self.text != text
        self.payload = packing.pack(row.project_id, self.text, dictionary=by.newest)
        self.sealed = kept or originals.sealed({**found, **names}, table=TABLE, row=row.pk)
        self.columns = {name: getattr(report, name) for name in COLUMNS}


def _opened(row: ErrorReport) -> tuple[dict[str, str], bytes | None]:
    """What was taken out; when its key is gone, what stays sealed: then only more is taken out of the rest."""
    try:
        return originals.opened(row.originals, table=TABLE, row=row.pk), None
    except keyring.Unreadable:
        return {}, bytes(row.originals or b"")


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
