"""What people say of a bug: kept with its earlier texts, gone from every list when it is deleted."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Principal
from audit.identifiers import uuid7
from bugs import events, policy
from bugs.models import Bug, Comment, CommentEdit
from bugs.selectors import known, privacy
from bugs.services import cleaning, indexing, rows, watchers


@transaction.atomic
def add(bug_id: UUID, *, body: str, is_internal: bool = False, by: Principal) -> Comment:
    """Say something of a bug; internal comments are for the team alone. Whoever comments watches from then on.

    Personal data goes out of the text. Raises policy.Refused or NotThere.
    """
    action = "comment.write_internal" if is_internal else "comment.create"
    bug = rows.locked(bug_id, by=by, action=action)
    comment_id, active, names = uuid7(), privacy.active(bug.project_id), known.of_bug(bug, by.user_id)
    columns = cleaning.of_new(cleaning.COMMENT, comment_id, {"body": body}, active, known=names)
    comment = Comment.objects.create(
        id=comment_id,
        bug=bug,
        author_id=by.user_id,
        actor=by.label,
        is_internal=is_internal,
        created_at=timezone.now(),
        **columns,
    )
    watchers.join(bug.pk, by.user_id)
    _changed(bug, comment, counted=1)
    events.comment_added(bug, comment, by=by)
    return comment


@transaction.atomic
def edit(comment_id: UUID, *, body: str, by: Principal, version: int | None = None) -> Comment:
    """Say it otherwise; what it said before is kept. Only its author and those who moderate may.

    Raises policy.Refused, StaleVersion or NotThere.
    """
    bug, comment = _locked(comment_id, by=by, version=version)
    if comment.body == body:
        return comment
    now, before, names = timezone.now(), {"body": comment.body}, known.of_bug(bug, comment.author_id)
    _keep_earlier(comment, now, by=by)
    columns = cleaning.of_edit(cleaning.COMMENT, comment, before, {"body": body}, bug.project_id, known=names)
    columns |= {"edited_at": now, "version": comment.version + 1}
    for name, value in columns.items():
        setattr(comment, name, value)
    comment.save(update_fields=list(columns))
    _changed(bug, comment)
    events.comment_edited(bug, comment, by=by)
    return comment


@transaction.atomic
def delete(comment_id: UUID, *, by: Principal, version: int | None = None) -> None:
    """Take it out of every list, its earlier texts too. Raises policy.Refused, StaleVersion or NotThere."""
    bug, comment = _locked(comment_id, by=by, version=version)
    comment.deleted_at = timezone.now()
    comment.save(update_fields=["deleted_at"])
    _changed(bug, comment, counted=-1)
    events.comment_deleted(bug, comment, by=by)


def _locked(comment_id: UUID, *, by: Principal, version: int | None) -> tuple[Bug, Comment]:
    """The comment and its bug, which is always locked first."""
    bug_id = Comment.objects.filter(pk=comment_id, deleted_at=None).values_list("bug_id", flat=True).first()
    if bug_id is None:
        raise rows.NotThere(comment_id)
    bug = rows.locked(bug_id, by=by, action="bug.read")
    comment = Comment.objects.select_for_update().filter(pk=comment_id, deleted_at=None).first()
    if comment is None or _is_hidden(comment, bug, by):
        raise rows.NotThere(comment_id)
    is_own = by.user_id is not None and comment.author_id == by.user_id
    policy.check(by, "comment.create" if is_own else "comment.moderate", bug.project_id)
    if version is not None and version != comment.version:
        raise rows.StaleVersion(comment_id)
    return bug, comment


def _keep_earlier(comment: Comment, now: datetime, *, by: Principal) -> None:
    row = uuid7()
    taken = cleaning.moved(comment.originals, of=cleaning.COMMENT, row=comment.pk, to=cleaning.EDIT, new_row=row)
    CommentEdit.objects.create(
        id=row,
        comment=comment,
        body=comment.body,
        originals=taken,
        redaction_version=comment.redaction_version,
        actor=by.label,
        edited_at=now,
    )


def _is_hidden(comment: Comment, bug: Bug, by: Principal) -> bool:
    may_read = by.label == "system" or policy.allows(by, "comment.read_internal", bug.project_id)
    return comment.is_internal and not may_read


def _changed(bug: Bug, comment: Comment, *, counted: int = 0) -> None:
    """Only public comments show on the bug itself: in its count, its words and the time of its last change."""
    if comment.is_internal:
        return
    bug.comment_count += counted
    bug.updated_at = timezone.now()
    bug.save(update_fields=["comment_count", "updated_at"])
    indexing.reindex(bug.pk)
