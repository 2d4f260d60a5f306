"""Files that SDKs send stand beside the bug of the event that they were sent with."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile

from audit.actors import SYSTEM
from bugs import filetypes
from bugs.ingest.digest.items import Item
from bugs.ingest.outcomes import ACCEPTED, DEDUPLICATED, DROPPED, INVALID, Fate
from bugs.ingest.wire import shapes
from bugs.models import Attachment
from bugs.privacy import placeholders
from bugs.selectors import feedback as selectors
from bugs.services import attachments, rows

NAME_MAX = 500  # looked at; what is kept is shorter
Known = set[tuple[str, str]]  # name and hash of what stands beside one bug
ANY = "*"  # for names with placeholders: nobody knows what they were

_REASONS: dict[type[Exception], Fate] = {
    attachments.Empty: Fate(INVALID, "empty"),
    attachments.TooMany: Fate(DROPPED, "too_many_files"),
    filetypes.Unsupported: Fate(DROPPED, "unsupported_file"),
    filetypes.Mismatch: Fate(DROPPED, "type_mismatch"),
    rows.NotThere: Fate(DROPPED, "no_bug"),
    OSError: Fate(DROPPED, "not_stored"),  # no room for files is no reason to hold back errors
}


def keep(project_id: UUID, items: Sequence[Item]) -> list[Fate]:
    """One fate for each item, in their order. Bugs are locked in the order of their ids.

    Bytes are written at once; those of a transaction that fails are swept away (`services.sweeping`).
    """
    sent = selectors.of_events(project_id, {item.event_id for item in items if item.event_id})
    by_bug: dict[UUID, list[int]] = {}
    fates = [Fate(DROPPED, "no_bug")] * len(items)
    for place, item in enumerate(items):
        known = sent.get(item.event_id) if item.event_id else None
        if known and known.bug_id:
            by_bug.setdefault(known.bug_id, []).append(place)
    known_files = _known(by_bug)
    for bug_id in sorted(by_bug):
        for place in by_bug[bug_id]:
            fates[place] = _keep(bug_id, items[place], known_files[bug_id])
    return fates


def _known(bug_ids: Iterable[UUID]) -> dict[UUID, Known]:
    found: dict[UUID, Known] = {bug_id: set() for bug_id in bug_ids}
    if found:
        there = Attachment.objects.filter(bug__in=found, deleted_at=None)
        for bug_id, name, digest in there.values_list("bug_id", "name", "sha256"):
            found[bug_id].add((ANY if placeholders.PLACEHOLDER.search(name) else name, digest))
    return found


def _keep(bug_id: UUID, item: Item, known: Known) -> Fate:
    """The same file again is no second one: an event may be sent twice, and many errors have the same log."""
    if len(item.payload) > settings.ATTACHMENT_MAX_BYTES:
        return Fate(DROPPED, "file_too_large")
    name = filetypes.clean_name(shapes.text(item.headers.get("filename"), NAME_MAX))
    digest = sha256(item.payload).hexdigest()
    if not known.isdisjoint({(name, digest), (ANY, digest)}):
        return Fate(DEDUPLICATED)
    if len(known) >= attachments.MAX_FILES:
        return Fate(DROPPED, "too_many_files")
    fate = _add(bug_id, item, name)
    if fate.outcome == ACCEPTED:
        known.add((name, digest))
    return fate


def _add(bug_id: UUID, item: Item, name: str) -> Fate:
    declared = shapes.text(item.headers.get("content_type"), 100)
    try:
        attachments.add(bug_id, file=ContentFile(item.payload, name), name=name, declared=declared, by=SYSTEM)
    except tuple(_REASONS) as error:
        return next(fate for kind, fate in _REASONS.items() if isinstance(error, kind))
    return Fate(ACCEPTED)
