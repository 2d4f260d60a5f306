"""Reads of assignment and escalation rules."""

from uuid import UUID

from django.db.models import F, QuerySet

from bugs import ownership
from bugs.models import AssignmentRule, EscalationRule


def assignment_rules(project_id: UUID) -> QuerySet[AssignmentRule]:
    """In the order in which they are tried."""
    return AssignmentRule.objects.filter(project_id=project_id).order_by("position", "id")


def escalation_rules(project_id: UUID) -> QuerySet[EscalationRule]:
    return EscalationRule.objects.filter(project_id=project_id).order_by("created_at", "id")


def owner_of(project_id: UUID, component: str, path: str) -> int | None:
    """Who gets a new bug by the rules of its project; rules for people who have left are passed over."""
    there = assignment_rules(project_id).filter(assignee__memberships__project_id=F("project_id"))
    rule = ownership.first_of(there.only("component", "path", "assignee_id"), component=component, path=path)
    return rule.assignee_id if rule else None
