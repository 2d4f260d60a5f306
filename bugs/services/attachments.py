"""Files beside a bug: known by their bytes, written before the row that tells of them, gone when it is not kept."""

from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from audit.actors import Principal
from audit.identifiers import uuid7
from bugs import events, files, filetypes, policy
from bugs.models import Attachment, Bug
from bugs.selectors import known, privacy
from bugs.services import cleaning, rows, watchers

MAX_FILES = 20  # beside one bug


class TooMany(ValueError):
    """The bug has as many files as it may have."""


class Empty(ValueError):
    """A file of no bytes."""


@transaction.atomic
def add(bug_id: UUID, *, file: File[bytes], name: str, declared: str, by: Principal) -> Attachment:
    """Put a file beside a bug. When the transaction around this fails later, its owner removes `attachment.file.name`.

    Raises Empty, TooMany, filetypes.Unsupported, filetypes.Mismatch, policy.Refused or NotThere.
    """
    bug = rows.locked(bug_id, by=by, action="attachment.create")
    if bug.attachment_count >= MAX_FILES:
        raise TooMany
    attachment = _described(bug, file, name, declared, by)
    attachment.file.name = files.put(f"{bug.project_id}/{bug.pk}/{attachment.pk}", file)
    try:
        attachment.save(force_insert=True)
        watchers.join(bug.pk, by.user_id)
        _count(bug, 1)
        events.attachment_added(bug, attachment, by=by)
    except BaseException:
        files.remove(str(attachment.file.name))
        raise
    return attachment


@transaction.atomic
def delete(attachment_id: UUID, *, by: Principal) -> None:
    """Take it away, by its uploader or the team; the bytes go when that is certain.

    Raises policy.Refused or NotThere.
    """
    bug, attachment = _locked(attachment_id, by)
    is_own = by.user_id is not None and attachment.uploader_id == by.user_id
    policy.check(by, "attachment.create" if is_own else "attachment.delete", bug.project_id)
    attachment.deleted_at = timezone.now()
    attachment.save(update_fields=["deleted_at"])
    _count(bug, -1)
    events.attachment_deleted(bug, attachment, by=by)
    stored = str(attachment.file.name)
    transaction.on_commit(lambda: files.remove(stored), robust=True)


def _described(bug: Bug, file: File[bytes], name: str, declared: str, by: Principal) -> Attachment:
    if not file.size:
        raise Empty
    name = filetypes.clean_name(name)
    file.seek(0)
    content_type = filetypes.kind_of(file.read(filetypes.HEAD), name=name, declared=declared)
    row, active, names = uuid7(), privacy.active(bug.project_id), known.of_bug(bug, by.user_id)
    return Attachment(
        id=row,
        bug=bug,
        uploader_id=by.user_id,
        actor=by.label,
        **cleaning.of_new(cleaning.ATTACHMENT, row, {"name": name}, active, known=names),
        content_type=content_type,
        size=file.size,
        sha256=files.digest(file),
        created_at=timezone.now(),
    )


def _locked(attachment_id: UUID, by: Principal) -> tuple[Bug, Attachment]:
    there = Attachment.objects.filter(pk=attachment_id, deleted_at=None)
    bug_id = there.values_list("bug_id", flat=True).first()
    if bug_id is None:
        raise rows.NotThere(attachment_id)
    bug = rows.locked(bug_id, by=by, action="bug.read")
    attachment = there.first()  # read again under the lock of its bug
    if attachment is None:
        raise rows.NotThere(attachment_id)
    return bug, attachment


def _count(bug: Bug, amount: int) -> None:
    bug.attachment_count += amount
    bug.updated_at = timezone.now()
    bug.save(update_fields=["attachment_count", "updated_at"])
