"""Reads of assignment and escalation rules."""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from bugs import ownership
from bugs.models import AssignmentRule, EscalationRule
from bugs.selectors import people

Rule = TypeVar("Rule", AssignmentRule, EscalationRule)


def assignment_rules(project_id: UUID) -> QuerySet[AssignmentRule]:
    """In the order in which they are tried."""
    return AssignmentRule.objects.filter(project_id=project_id).order_by("position", "id")


def assignment_rows(project_id: UUID, rule_id: UUID | None = None) -> list[dict[str, Any]]:
    """The rules of a project as plain values, or the one with that id; the assignee by name."""
    columns = ("id", "position", "component", "path", "created_at", "assignee__username")
    found = _only(assignment_rules(project_id), rule_id).values(*columns)
    return [{**row, "assignee": row.pop("assignee__username")} for row in map(dict, found)]


def escalation_rows(project_id: UUID, rule_id: UUID | None = None) -> list[dict[str, Any]]:
    rules = EscalationRule.objects.filter(project_id=project_id).order_by("created_at", "id")
    return list(map(dict, _only(rules, rule_id).values("id", "q", "severity", "is_active", "created_at")))


def _only(rules: QuerySet[Rule], rule_id: UUID | None) -> QuerySet[Rule]:
    return rules.filter(pk=rule_id) if rule_id else rules


def owner_of(project_id: UUID, component: str, path: str) -> int | None:
    """Who gets a new bug by the rules of its project; rules for people who have left are passed over."""
    there = assignment_rules(project_id).filter(assignee__in=people.people_of(project_id))
    rule = ownership.first_of(there.only("component", "path", "assignee_id"), component=component, path=path)
    return rule.assignee_id if rule else None
