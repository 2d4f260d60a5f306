"""Bytes that no attachment tells of: a process died between writing the file and its row, or the other way round."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from uuid import UUID

from django.utils import timezone

from audit.identifiers import first_of
from bugs import files
from bugs.models import Attachment

SPARED = timedelta(days=1)  # younger files may belong to a call that is still at work
AT_ONCE = 500


def sweep() -> int:
    """Remove the files of no attachment; how many there were."""
    youngest = first_of(timezone.now() - SPARED)
    old = ((name, pk) for name in files.names() if (pk := _attachment_of(name)) and pk < youngest)
    removed = 0
    while some := dict(islice(old, AT_ONCE)):
        for name in _unknown(some.items()):
            files.remove(name)
            removed += 1
    return removed


def _attachment_of(name: str) -> UUID | None:
    """Files are stored under the id of their attachment, a storage may add to it."""
    try:
        return UUID(name.rpartition("/")[2][:36])
    except ValueError:
        return None


def _unknown(found: Iterable[tuple[str, UUID]]) -> list[str]:
    pairs = list(found)
    kept = set(
        Attachment.objects.filter(pk__in=[pk for _, pk in pairs], deleted_at=None).values_list("file", flat=True)
    )
    return [name for name, _ in pairs if name not in kept]
