"""Feedback items become bug reports, each once; feedback that came before its error is linked when that comes."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection

from audit.actors import SYSTEM
from audit.identifiers import uuid7
from bugs.ingest import outcomes
from bugs.ingest.digest import seen
from bugs.ingest.digest.items import Item
from bugs.ingest.outcomes import ACCEPTED, DEDUPLICATED, INVALID, LIMITED, Fate
from bugs.ingest.reading import feedback as reading
from bugs.ingest.reading.feedback import Words
from bugs.services import feedback

AT_ONCE = 200  # of one batch: as many as it has envelopes, of which none should have more than one

# Nobody files bugs of the project meanwhile, so that two batches with the same feedback do not wait in a circle.
_HOLD = "SELECT FROM bugs_project WHERE id = %s FOR NO KEY UPDATE"


def keep(project_id: UUID, items: Sequence[Item]) -> list[Fate]:
    """One fate for each item, in their order."""
    read = [_read(item) for item in items]
    ids = {words.key: uuid7() for words in read if isinstance(words, Words)}
    kept = dict.fromkeys(list(ids)[:AT_ONCE])
    unseen = _see(project_id, {key: ids[key] for key in kept})
    fresh: dict[UUID, tuple[Item, Words]] = {}
    fates = []
    for item, words in zip(items, read, strict=True):
        fates.append(_fate(words, kept, unseen, fresh))
        if isinstance(words, Words) and fates[-1].outcome == ACCEPTED:
            fresh[words.key] = (item, words)
    feedback.add(project_id, [_said(ids[key], *found) for key, found in fresh.items()], by=SYSTEM)
    _remember(project_id, read, fates)
    return fates


def link(project_id: UUID, bugs: Mapping[UUID, UUID]) -> int:
    """Link what was said of errors that are here now: event id -> bug. One indexed statement for a batch."""
    return feedback.link(project_id, bugs, by=SYSTEM)


def _read(item: Item) -> Words | Fate:
    try:
        return reading.read(item.type, item.payload, item.event_id)
    except reading.Invalid as error:
        return Fate(INVALID, str(error))


def _fate(words: Words | Fate, kept: Mapping[UUID, None], unseen: set[UUID], fresh: Mapping[UUID, object]) -> Fate:
    if isinstance(words, Fate):
        return words
    if words.key not in kept:
        return Fate(LIMITED, "too_many")
    return Fate(ACCEPTED) if words.key in unseen and words.key not in fresh else Fate(DEDUPLICATED)


def _see(project_id: UUID, ids: Mapping[UUID, UUID]) -> set[UUID]:
    """Which of them did not come before."""
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [project_id])
    return seen.note(project_id, ids)


def _said(row_id: UUID, item: Item, words: Words) -> feedback.Said:
    return feedback.Said(
        id=row_id,
        message=words.message,
        source=item.type,
        name=words.name,
        email=words.email,
        url=words.url,
        event_id=words.about,
        environment=words.environment,
        release=words.release,
        tags={"replay_id": words.replay_id} if words.replay_id else {},
        said_at=item.received_at,
    )


def _remember(project_id: UUID, read: Sequence[Words | Fate], fates: Sequence[Fate]) -> None:
    """By their ids, for those who ask."""
    pairs = zip(read, fates, strict=True)
    gone = {words.key: fate for words, fate in pairs if isinstance(words, Words) and fate.outcome != ACCEPTED}
    if gone:
        outcomes.remember(project_id, gone)
