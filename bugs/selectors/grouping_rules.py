"""Reads of the grouping rules of a project."""

from typing import Any
from uuid import UUID

from bugs import grouping_rules
from bugs.models import GroupingRule

_COLUMNS = ("id", "name", "match", "fingerprint", "component", "severity", "is_ignored")


def load(project_id: UUID) -> grouping_rules.Rules:
    """The active rules in the order in which they are tried, ready to be matched."""
    rules = GroupingRule.objects.filter(project_id=project_id, is_active=True).order_by("position", "id")
    return [grouping_rules.rule_of(row) for row in rules.values(*_COLUMNS)]


def rows(project_id: UUID, rule_id: UUID | None = None) -> list[dict[str, Any]]:
    """All rules of a project as plain values, or the one with that id."""
    rules = GroupingRule.objects.filter(project_id=project_id).order_by("position", "id")
    found = rules.filter(pk=rule_id) if rule_id else rules
    return list(map(dict, found.values(*_COLUMNS, "position", "is_active", "created_at")))
