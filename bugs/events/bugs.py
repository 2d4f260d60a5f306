"""What is published of bugs, what people add to them, and saved views."""

from datetime import datetime
from typing import Any

from audit import log
from audit.actors import Principal
from bugs.models import Attachment, Bug, BugLink, Comment, SavedView


def bug_created(bug: Bug, *, by: Principal) -> None:
    _of_bug("bug.created", bug, by=by)


def status_changed(bug: Bug, *, old: str, by: Principal) -> datetime:
    """Returns the moment that history has for it: reopenings are counted there."""
    return _of_bug("bug.status_changed", bug, by=by, changes={"status": {"from": old, "to": bug.status}})


def assigned(bug: Bug, *, old: int | None, by: Principal) -> None:
    _of_bug("bug.assigned", bug, by=by, changes={"assignee": {"from": old, "to": bug.assignee_id}})


def severity_changed(bug: Bug, *, old: str, by: Principal) -> None:
    _of_bug("bug.severity_changed", bug, by=by, changes={"severity": {"from": old, "to": bug.severity}})


def severity_escalated(bug: Bug, *, old: str, by: Principal) -> None:
    """Beside severity_changed, when it rose."""
    _of_bug("bug.severity_escalated", bug, by=by, changes={"severity": {"from": old, "to": bug.severity}})


def regressed(bug: Bug, *, old: str, release: str, by: Principal) -> None:
    """Beside status_changed, when errors came back; release is where they did."""
    _of_bug("bug.regressed", bug, by=by, changes={"status": {"from": old, "to": bug.status}}, release=release)


def edited(bug: Bug, *, fields: list[str], by: Principal) -> None:
    """Names of the edited fields; their text stays in the record."""
    _of_bug("bug.edited", bug, by=by, fields=sorted(fields))


def deleted(bug: Bug, *, by: Principal) -> None:
    _of_bug("bug.deleted", bug, by=by)


def restored(bug: Bug, *, by: Principal) -> None:
    _of_bug("bug.restored", bug, by=by)


def comment_added(bug: Bug, comment: Comment, *, by: Principal) -> None:
    if comment.is_internal:
        _of_internal("internal_comment.added", bug, comment, by=by)
    else:
        _of_bug("bug.comment_added", bug, by=by, comment_id=str(comment.pk), is_internal=False)


def comment_edited(bug: Bug, comment: Comment, *, by: Principal) -> None:
    if comment.is_internal:
        _of_internal("internal_comment.edited", bug, comment, by=by)
    else:
        _of_bug("bug.comment_edited", bug, by=by, comment_id=str(comment.pk), is_internal=False)


def comment_deleted(bug: Bug, comment: Comment, *, by: Principal) -> None:
    if comment.is_internal:
        _of_internal("internal_comment.deleted", bug, comment, by=by)
    else:
        _of_bug("bug.comment_deleted", bug, by=by, comment_id=str(comment.pk), is_internal=False)


def attachment_added(bug: Bug, attachment: Attachment, *, by: Principal) -> None:
    about = {"content_type": attachment.content_type, "size": attachment.size}
    _of_bug("bug.attachment_added", bug, by=by, attachment_id=str(attachment.pk), **about)


def attachment_deleted(bug: Bug, attachment: Attachment, *, by: Principal) -> None:
    _of_bug("bug.attachment_deleted", bug, by=by, attachment_id=str(attachment.pk))


def linked(bug: Bug, link: BugLink, *, by: Principal) -> None:
    _of_bug("bug.linked", bug, by=by, link_id=str(link.pk), kind=link.kind, to=str(link.target_id))


def unlinked(bug: Bug, link: BugLink, *, by: Principal) -> None:
    _of_bug("bug.unlinked", bug, by=by, link_id=str(link.pk), kind=link.kind, to=str(link.target_id))


def merged(bug: Bug, *, into: Bug, by: Principal) -> None:
    """Beside status_changed of the one that was merged."""
    _of_bug("bug.merged", bug, by=by, into=str(into.pk))


def unmerged(bug: Bug, *, into: Bug, by: Principal) -> None:
    _of_bug("bug.unmerged", bug, by=by, into=str(into.pk))


def view_created(view: SavedView, *, by: Principal) -> None:
    _of_view("view.created", view, by=by)


def view_updated(view: SavedView, *, fields: list[str], by: Principal) -> None:
    _of_view("view.updated", view, by=by, fields=sorted(fields))


def view_deleted(view: SavedView, *, by: Principal) -> None:
    _of_view("view.deleted", view, by=by)


def _of_bug(event_type: str, bug: Bug, *, by: Principal, **more: Any) -> datetime:
    data = {
        "bug_id": str(bug.pk),
        "number": bug.number,
        "version": bug.version,
        "status": bug.status,
        "severity": bug.severity,
        "bug_type": bug.bug_type,
        **more,
    }
    event = log.record(event_type, subject=f"bug:{bug.pk}", project_id=bug.project_id, by=by, data=data)
    return event.occurred_at


def _of_internal(event_type: str, bug: Bug, comment: Comment, *, by: Principal) -> None:
    """Of another family and subject than the bug's own events, so that nobody who reads those comes across it."""
    data = {"bug_id": str(bug.pk), "comment_id": str(comment.pk), "is_internal": True}
    log.record(event_type, subject=f"comment:{comment.pk}", project_id=bug.project_id, by=by, data=data)


def _of_view(event_type: str, view: SavedView, *, by: Principal, **more: Any) -> None:
    data = {"view_id": str(view.pk), "is_shared": view.is_shared, **more}
    log.record(event_type, subject=f"view:{view.pk}", project_id=view.project_id, by=by, data=data)
