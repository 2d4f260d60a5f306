"""Files that no attachment tells of go after a day; all others stay."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.utils import timezone

from audit.identifiers import first_of
from bugs import files
from bugs.models import Attachment
from bugs.services import sweeping


def at(days: int) -> UUID:
    return first_of(timezone.now() - timedelta(days=days))


def stored(shelf: Path) -> int:
    return sum(path.is_file() for path in shelf.rglob("*"))


def test_a_file_without_a_row_goes(db: None, shelf: Path) -> None:
    files.put(f"project/bug/{at(days=2)}", ContentFile(b"left"))
    assert (sweeping.sweep(), stored(shelf)) == (1, 0)


def test_a_file_of_today_may_still_get_its_row(db: None, shelf: Path) -> None:
    files.put(f"project/bug/{at(days=0)}", ContentFile(b"new"))
    assert (sweeping.sweep(), stored(shelf)) == (0, 1)


def test_a_file_with_a_row_stays(attach: Any, shelf: Path) -> None:
    attach()
    old, known = at(days=2), Attachment.objects.get()
    name = files.put(f"project/bug/{old}", ContentFile(b"known"))
    Attachment.objects.create(
        **{field: getattr(known, field) for field in ("bug", "actor", "name", "content_type", "size", "created_at")},
        pk=old,
        sha256=known.sha256,
        file=name,
    )
    assert (sweeping.sweep(), stored(shelf)) == (0, 2)


def test_the_bytes_of_a_deleted_attachment_go(attach: Any, shelf: Path) -> None:
    attach()
    name = files.put(f"project/bug/{at(days=2)}", ContentFile(b"deleted"))
    Attachment.objects.update(file=name, deleted_at=timezone.now())
    assert sweeping.sweep() == 1


def test_an_empty_storage_is_swept_too(db: None, shelf: Path) -> None:
    assert sweeping.sweep() == 0
