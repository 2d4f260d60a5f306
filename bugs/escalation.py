"""Escalation rules at work: bugs that match are found in chunks and raised one by one."""

import logging

from django.db import DatabaseError

from bugs import lifecycle, query
from bugs.choices import Severity
from bugs.models import Bug, EscalationRule
from bugs.services import rules

logger = logging.getLogger(__name__)
CHUNK = 500  # bugs of one rule in one round; the next round goes on


def run() -> int:
    """One round over all active rules; how many bugs were raised. One bad rule does not stop the others."""
    raised = 0
    for rule in EscalationRule.objects.filter(is_active=True).order_by("created_at", "id"):
        try:
            raised += _follow(rule)
        except (query.BadQuery, DatabaseError) as error:
            logger.warning("escalation rule %s was passed over: %s", rule.pk, error)
    return raised


def _follow(rule: EscalationRule) -> int:
    below = [severity for severity in Severity.values if lifecycle.is_worse(rule.severity, severity)]
    bugs = Bug.objects.filter(
        project_id=rule.project_id,
        status__in=lifecycle.OPEN,
        severity__in=below,
        deleted_at__isnull=True,
        merged_into__isnull=True,
    )
    found = query.apply(bugs, rule.q, principal=rules.as_project(rule.project_id))
    ids = list(found.order_by("-created_at", "-id").values_list("pk", flat=True)[:CHUNK])
    return sum(rules.escalate(bug_id, to=rule.severity) for bug_id in sorted(ids))
