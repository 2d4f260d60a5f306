"""What this app publishes. Names and payloads are public: they reach webhooks, streams and the audit log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from audit import log
from audit.actors import Principal
from bugs.models import (
    AssignmentRule,
    Attachment,
    Bug,
    BugLink,
    Comment,
    Consent,
    Erasure,
    ErrorGroup,
    EscalationRule,
    GroupingRule,
    GroupRole,
    IngestKey,
    Membership,
    Project,
    Release,
    SavedView,
)

Rule = AssignmentRule | EscalationRule | GroupingRule


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


def group_created(group: ErrorGroup, *, by: Principal) -> None:
    _of_group("error_group.created", group, by=by)


def group_regressed(group: ErrorGroup, *, by: Principal) -> None:
    """Beside the bug's own event, when errors of this group opened it again."""
    _of_group("error_group.regressed", group, by=by)


def group_spiking(group: ErrorGroup, *, observed: int, expected: float, by: Principal) -> None:
    """observed: its errors in the last half hour, with those of the groups behind it; expected: usually."""
    _of_group("error_group.spiking", group, by=by, observed=observed, expected=expected)


def group_merged(group: ErrorGroup, *, into: UUID, similarity: float | None, by: Principal) -> None:
    """It stands behind another; similarity: of their stacks, when that was the reason."""
    _of_group("error_group.merged", group, by=by, into=str(into), similarity=similarity)


def group_split(group: ErrorGroup, *, out_of: UUID, by: Principal) -> None:
    _of_group("error_group.split", group, by=by, out_of=str(out_of))


def regroup_requested(group: ErrorGroup, *, by: Principal) -> None:
    _of_group("error_group.regroup_requested", group, by=by)


def group_regrouped(group: ErrorGroup, *, looked_at: int, moved: int, reason: str, by: Principal) -> None:
    """Its reports were grouped anew, or that was given up: then there is a reason."""
    _of_group("error_group.regrouped", group, by=by, looked_at=looked_at, moved=moved, reason=reason)


def _of_group(event_type: str, group: ErrorGroup, *, by: Principal, **more: Any) -> None:
    data = {
        "group_id": str(group.pk),
        "bug_id": str(group.bug_id) if group.bug_id else None,
        "level": group.level,
        **more,
    }
    log.record(event_type, subject=f"error_group:{group.pk}", project_id=group.project_id, by=by, data=data)


def release_created(release: Release, *, commits: int, by: Principal) -> None:
    """Somebody named it first: a report, a session, a tag, a person. commits: how many it has."""
    _of_release("release.created", release, by=by, commits=commits)


def release_updated(release: Release, *, commits: int, fields: list[str], by: Principal) -> None:
    """commits: how many it has more than before."""
    _of_release("release.updated", release, by=by, commits=commits, fields=sorted(fields))


def _of_release(event_type: str, release: Release, *, by: Principal, **more: Any) -> None:
    data = {"release_id": str(release.pk), **more}
    log.record(event_type, subject=f"release:{release.pk}", project_id=release.project_id, by=by, data=data)


def project_updated(project: Project, *, fields: list[str], by: Principal) -> None:
    data = {"version": project.version, "fields": sorted(fields)}
    log.record("project.updated", subject=f"project:{project.pk}", project_id=project.pk, by=by, data=data)


def privacy_changed(project: Project, *, by: Principal) -> None:
    """How many rules there are; what they say stays in the project."""
    counted = {"switched_off": "off", "patterns": "patterns", "allowed": "allow"}
    data = {
        "version": project.privacy_version,
        **{name: len(project.privacy.get(field) or []) for name, field in counted.items()},
    }
    log.record("project.privacy_changed", subject=f"project:{project.pk}", project_id=project.pk, by=by, data=data)


def member_left(membership: Membership, *, by: Principal) -> None:
    data = {"user_id": membership.user_id, "role": membership.role}
    subject = f"user:{membership.user_id}"
    log.record("member.left", subject=subject, project_id=membership.project_id, by=by, data=data)


def group_joined(given: GroupRole, *, by: Principal) -> None:
    _of_group_role("people_group.joined", given, by=by)


def group_left(given: GroupRole, *, by: Principal) -> None:
    _of_group_role("people_group.left", given, by=by)


def _of_group_role(event_type: str, given: GroupRole, *, by: Principal) -> None:
    data = {"people_group_id": given.group_id, "role": given.role}
    log.record(event_type, subject=f"people_group:{given.group_id}", project_id=given.project_id, by=by, data=data)


def user_updated(user_id: int, *, fields: list[str], by: Principal) -> None:
    """An operator made or changed a person: names of what changed, `groups` and `is_superuser` among them."""
    data = {"user_id": user_id, "fields": sorted(fields)}
    log.record("user.updated", subject=f"user:{user_id}", project_id=None, by=by, data=data)


def authenticator_enrolled(user_id: int, *, by: Principal) -> None:
    _of_authenticator("authenticator.enrolled", user_id, by=by)


def authenticator_reset(user_id: int, *, by: Principal) -> None:
    """Authenticator and recovery codes are gone, and all sessions of the person with them."""
    _of_authenticator("authenticator.reset", user_id, by=by)


def recovery_codes_made(user_id: int, *, by: Principal) -> None:
    _of_authenticator("recovery_codes.made", user_id, by=by)


def recovery_code_used(user_id: int, *, left: int, by: Principal) -> None:
    data = {"user_id": user_id, "left": left}
    log.record("recovery_codes.used", subject=f"user:{user_id}", project_id=None, by=by, data=data)


def _of_authenticator(event_type: str, user_id: int, *, by: Principal) -> None:
    log.record(event_type, subject=f"user:{user_id}", project_id=None, by=by, data={"user_id": user_id})


def ingest_key_made(key: IngestKey, *, by: Principal) -> None:
    _of_ingest_key("ingest_key.made", key, by=by)


def ingest_key_switched(key: IngestKey, *, by: Principal) -> None:
    _of_ingest_key("ingest_key.switched", key, by=by)


def _of_ingest_key(event_type: str, key: IngestKey, *, by: Principal) -> None:
    data = {"key_id": key.pk, "is_active": key.is_active}
    log.record(event_type, subject=f"ingest_key:{key.pk}", project_id=key.project_id, by=by, data=data)


def rule_created(rule: Rule, *, kind: str, by: Principal) -> None:
    _of_rule("rule.created", rule, kind=kind, by=by)


def rule_updated(rule: Rule, *, kind: str, by: Principal) -> None:
    _of_rule("rule.updated", rule, kind=kind, by=by)


def rule_deleted(rule: Rule, *, kind: str, by: Principal) -> None:
    _of_rule("rule.deleted", rule, kind=kind, by=by)


def _of_rule(event_type: str, rule: Rule, *, kind: str, by: Principal) -> None:
    data = {"rule_id": str(rule.pk), "kind": kind}
    log.record(event_type, subject=f"rule:{rule.pk}", project_id=rule.project_id, by=by, data=data)


def consent_recorded(consent: Consent, *, by: Principal) -> None:
    data = {"reporter_id": str(consent.reporter_id), "purpose": consent.purpose, "is_granted": consent.is_granted}
    subject = f"reporter:{consent.reporter_id}"
    log.record("consent.recorded", subject=subject, project_id=consent.project_id, by=by, data=data)


def erasure_requested(erasure: Erasure, *, by: Principal) -> None:
    _of_erasure("erasure.requested", erasure, by=by)


def erasure_completed(erasure: Erasure, *, by: Principal) -> None:
    _of_erasure("erasure.completed", erasure, by=by)


def _of_erasure(event_type: str, erasure: Erasure, *, by: Principal) -> None:
    """One event for each project, since history is read by projects."""
    for project_id in erasure.project_ids:
        data = {"erasure_id": str(erasure.pk), "counts": erasure.counts}
        log.record(event_type, subject=f"erasure:{erasure.pk}", project_id=UUID(project_id), by=by, data=data)


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
