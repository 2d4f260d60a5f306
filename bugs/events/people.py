"""What is published of projects and of the people in them, of keys and rules, of consents and of forgetting."""

from uuid import UUID

from audit import log
from audit.actors import Principal
from bugs.models import (
    AssignmentRule,
    Consent,
    Erasure,
    EscalationRule,
    GroupingRule,
    GroupRole,
    IngestKey,
    Membership,
    Project,
)

Rule = AssignmentRule | EscalationRule | GroupingRule


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
