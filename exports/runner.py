"""Runs due exports: claimed by lease, read from one snapshot, published only by the epoch that owns them."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from audit.actors import Principal
from bugs import selectors as bugs_selectors
from bugs.selectors import consents, raw
from exports import columns, events, files, filters, formats, snapshot
from exports.formats import Format
from exports.models import UNFINISHED, Export, State

logger = logging.getLogger(__name__)
CHUNK_ROWS = 2_000
LEASE = timedelta(seconds=60)
REST = timedelta(seconds=10)  # before another attempt, times the attempts so far
MAX_ATTEMPTS = 3
GAVE_UP = f"The export failed {MAX_ATTEMPTS} times and was given up. Nothing was lost; request it again."


class Lost(Exception):
    """The export was cancelled, or its lease ran out and somebody else has it."""


def run_due() -> int:
    """Run exports until none is due; returns how many became ready."""
    sweep()
    ready = 0
    while (export := claim()) is not None:
        if export.attempts > MAX_ATTEMPTS:
            _give_up(export)
        else:
            ready += run(export)
    return ready


@transaction.atomic
def claim() -> Export | None:
    """Take the longest-waiting due export; its attempt counts before the work, so that a crash counts too."""
    due = Export.objects.filter(state__in=UNFINISHED, lease_until__lte=Now()).order_by("lease_until")
    export = due.select_for_update(skip_locked=True).first()
    if export is None:
        return None
    Export.objects.filter(pk=export.pk).update(
        state=State.RUNNING,
        epoch=F("epoch") + 1,
        attempts=F("attempts") + 1,
        lease_until=Now() + LEASE,
        rows_done=0,
        rows_raw=0,
        started_at=Now(),
    )
    export.refresh_from_db()
    return export


def run(export: Export) -> bool:
    """Make the file of a claimed export; whether it became ready."""
    name = files.name(export.pk, export.epoch, export.format)
    _discard_older(export)
    try:
        _make(export, name)
    except Lost:
        logger.info("export %s is no longer epoch %s's", export.pk, export.epoch)
        files.discard(name)
        return False
    except Exception:
        logger.exception("export %s failed, attempt %s", export.pk, export.attempts)
        files.discard(name)
        _rest_or_give_up(export)
        return False
    return True


def _make(export: Export, name: str) -> None:
    with files.NewFile(files.unfinished(name)) as file:
        writer = formats.writer(Format(export.format), cast(Any, file), export.fields)
        with snapshot.taken() as now:
            writer.begin(now.taken_at)
            for rows in _chunks(export, now):
                writer.write(rows)
                export.rows_done += len(rows)
                _report(export)
        writer.end()
        file.sync()
    _finish(export, name, size=file.size, sha256=file.sha256)


def _chunks(export: Export, now: snapshot.Snapshot) -> Iterator[list[formats.Row]]:
    """Keyset chunks by id, all of one snapshot."""
    reader = _reader(export)
    bugs = filters.matching(export.filters, bugs_selectors.bugs_for(reader), by=reader).order_by("pk")
    with now.reading():
        export.rows_total = bugs.count()
    _report(export)
    last: str | None = None
    while True:
        with now.reading():
            texts = _after(bugs, last)
        if not texts:
            return
        last = orjson.loads(texts[-1])["id"]
        yield _raw_rows(export, texts, now) if export.purpose else _as_rows(export, texts)


def _after(bugs: QuerySet[Any], last: str | None) -> list[str]:
    rest = bugs.filter(pk__gt=UUID(last)) if last else bugs
    return bugs_selectors.documents(rest[:CHUNK_ROWS])


def _as_rows(export: Export, texts: list[str]) -> list[formats.Row]:
    """PostgreSQL's own JSON goes into JSON files as it is; all else is parsed."""
    if export.format in (Format.JSON, Format.NDJSON):
        if list(export.fields) == list(columns.COLUMNS):
            return [orjson.Fragment(text) for text in texts]
        return [{name: bug[name] for name in export.fields} for bug in map(orjson.loads, texts)]
    return [orjson.loads(text) for text in texts]


def _raw_rows(export: Export, texts: list[str], now: snapshot.Snapshot) -> list[formats.Row]:
    """Rows whose tellers agree at this moment, not at that of the snapshot, are as they were written."""
    clean = [orjson.loads(text) for text in texts]
    agreed = consents.agreed([UUID(bug["id"]) for bug in clean], export.purpose)
    with now.reading():
        documents = raw.bugs(clean, agreed)
    export.rows_raw += len(agreed)
    return [{name: bug[name] for name in columns.COLUMNS if name in export.fields} for bug in documents]


def _reader(export: Export) -> Principal:
    """Sees exactly the projects of this export."""
    roles = dict.fromkeys(export.project_ids, frozenset({"exporter"}))
    return Principal(
        label=export.requested_by,
        user_id=export.user_id,
        roles=roles,
        permissions=frozenset({"read", "export"}),
    )


def _owned(export: Export) -> QuerySet[Export]:
    """The row, while it is this epoch's: every update goes through here."""
    return Export.objects.filter(pk=export.pk, epoch=export.epoch, state=State.RUNNING)


@transaction.atomic(durable=True)
def _report(export: Export) -> None:
    """Renew the lease and tell how far it is."""
    if not _owned(export).update(lease_until=Now() + LEASE, rows_done=export.rows_done, rows_total=export.rows_total):
        raise Lost
    events.progress(export)


@transaction.atomic(durable=True)
def _finish(export: Export, name: str, *, size: int, sha256: str) -> None:
    """The row is locked before the file gets its name: a stale epoch never comes that far."""
    if not _owned(export).update(
        state=State.READY,
        file=name,
        size=size,
        sha256=sha256,
        rows_total=export.rows_done,
        rows_raw=export.rows_raw,
        error="",
        finished_at=Now(),
    ):
        raise Lost
    files.publish(name)
    events.completed(export, by=_reader(export))


def _rest_or_give_up(export: Export) -> None:
    if export.attempts >= MAX_ATTEMPTS:
        _give_up(export)
    else:
        _owned(export).update(state=State.QUEUED, lease_until=Now() + REST * export.attempts)


@transaction.atomic(durable=True)
def _give_up(export: Export) -> None:
    if _owned(export).update(state=State.FAILED, error=GAVE_UP, finished_at=Now()):
        _discard_older(export)
        events.failed(export, by=_reader(export))


def _discard_older(export: Export) -> None:
    """Files of this export's earlier epochs; it is not ready, so none of them is in use."""
    for path in files.of_export(export.pk):
        if int(path.name.split(".")[1]) < export.epoch:
            path.unlink(missing_ok=True)


def sweep() -> None:
    """Remove temporary files that no living epoch writes."""
    parts = files.parts()
    ids = {export_id for export_id, _ in parts.values()}
    alive = set(Export.objects.filter(pk__in=ids, state=State.RUNNING).values_list("pk", "epoch"))
    for path, owner in parts.items():
        if owner not in alive:
            path.unlink(missing_ok=True)
