"""What this app publishes. Names and payloads are public: they reach webhooks, streams and the audit log."""

from datetime import datetime
from typing import Any

from audit import log
from audit.actors import Principal
from bugs.models import Bug, ErrorGroup


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


def group_created(group: ErrorGroup, *, by: Principal) -> None:
    log.record(
        "error_group.created",
        subject=f"error_group:{group.pk}",
        project_id=group.project_id,
        by=by,
        data={
            "group_id": str(group.pk),
            "bug_id": str(group.bug_id) if group.bug_id else None,
            "level": group.level,
        },
    )


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
