"""Every write to the rules of a project, and what an escalation rule does to a bug."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import SYSTEM, Principal
from bugs import events, grouping_rules, lifecycle, policy, query
from bugs.models import AssignmentRule, Bug, EscalationRule, GroupingRule, Project
from bugs.selectors import privacy
from bugs.services import bugs, rows

MAX_RULES = 100  # of a kind in a project
Kind = Literal["assignment", "escalation", "grouping"]
Rule = AssignmentRule | EscalationRule | GroupingRule
_MODELS: dict[Kind, type[AssignmentRule] | type[EscalationRule] | type[GroupingRule]] = {
    "assignment": AssignmentRule,
    "escalation": EscalationRule,
    "grouping": GroupingRule,
}


class TooManyRules(Exception):
    """The project has as many rules of this kind as it may have."""


@transaction.atomic
def add(project_id: UUID, kind: Kind, *, fields: Mapping[str, Any], by: Principal) -> Rule:
    """A new rule; an assignee is given by name.

    Raises TooManyRules, NotAMember, query.BadQuery, grouping_rules.BadRule or policy.Refused.
    """
    policy.check(by, "project.manage", project_id)
    Project.objects.select_for_update(no_key=True).only("pk").get(pk=project_id)  # the count holds
    if _MODELS[kind].objects.filter(project_id=project_id).count() >= MAX_RULES:
        raise TooManyRules
    checked = _checked(project_id, fields)
    rule: Rule = _MODELS[kind].objects.create(project_id=project_id, created_at=timezone.now(), **checked)
    events.rule_created(rule, kind=kind, by=by)
    return rule


@transaction.atomic
def change(project_id: UUID, kind: Kind, rule_id: UUID, *, changes: Mapping[str, Any], by: Principal) -> Rule:
    """Raises rows.NotThere, NotAMember, query.BadQuery, grouping_rules.BadRule or policy.Refused."""
    rule = _locked(project_id, kind, rule_id, by)
    checked = _checked(project_id, changes)
    changed = [name for name, value in checked.items() if getattr(rule, name) != value]
    if changed:
        for name in changed:
            setattr(rule, name, checked[name])
        rule.save(update_fields=changed)
        events.rule_updated(rule, kind=kind, by=by)
    return rule


@transaction.atomic
def remove(project_id: UUID, kind: Kind, rule_id: UUID, *, by: Principal) -> None:
    """Raises rows.NotThere or policy.Refused."""
    rule = _locked(project_id, kind, rule_id, by)
    events.rule_deleted(rule, kind=kind, by=by)
    rule.delete()


@transaction.atomic
def escalate(bug_id: UUID, *, to: str) -> bool:
    """Raise an open bug to a severity; whether it was below. Somebody may have changed it since it was found."""
    try:
        bug = rows.locked(bug_id, by=SYSTEM, action="bug.edit")
    except rows.NotThere:
        return False
    if bug.merged_into_id or bug.status not in lifecycle.OPEN or not lifecycle.is_worse(to, bug.severity):
        return False
    bugs.edit(bug_id, changes={"severity": to}, by=SYSTEM)
    return True


def as_project(project_id: UUID) -> Principal:
    """Who a rule acts as: the system, that sees this one project."""
    return Principal(label=SYSTEM.label, name=SYSTEM.name, roles={project_id: frozenset({"admin"})})


def _locked(project_id: UUID, kind: Kind, rule_id: UUID, by: Principal) -> Rule:
    policy.check(by, "project.manage", project_id)
    found = _MODELS[kind].objects.select_for_update().filter(project_id=project_id, pk=rule_id).first()
    if found is None:
        raise rows.NotThere(rule_id)
    rule: Rule = found
    return rule


def _checked(project_id: UUID, fields: Mapping[str, Any]) -> dict[str, Any]:
    checked = dict(fields)
    if "assignee" in checked:
        checked["assignee"] = bugs.member(project_id, checked["assignee"])
    if "q" in checked:
        checked["q"] = privacy.clean_filter(project_id, checked["q"])
        query.apply(Bug.objects.none(), checked["q"], principal=as_project(project_id))
    return _clean(project_id, checked_grouping(checked))


_TEXTS = {"name": 100, "component": 100, "path": 200}  # and their lengths


def _clean(project_id: UUID, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is taken out of a pattern fits nothing anyway: reports and bugs are clean before rules see them."""
    clean = {**fields}
    for name in _TEXTS.keys() & clean.keys():
        clean[name] = privacy.clean(project_id, clean[name], _TEXTS[name])
    if "match" in clean:
        clean["match"] = [{**one, "pattern": _pattern(project_id, **one)} for one in clean["match"]]
    if "fingerprint" in clean:
        parts = clean["fingerprint"]
        clean["fingerprint"] = [privacy.clean(project_id, part, grouping_rules.PART_MAX) for part in parts]
    return clean


def _pattern(project_id: UUID, *, field: str, pattern: str) -> str:
    cleaner = privacy.clean_label if field in grouping_rules.LABELS else privacy.clean
    return cleaner(project_id, pattern, grouping_rules.PATTERN_MAX)


_CHECKS = {"match": grouping_rules.check_match, "fingerprint": grouping_rules.check_fingerprint}


def checked_grouping(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a rule whose conditions and fingerprint, where given, are such. Raises grouping_rules.BadRule."""
    checked = dict(fields)
    for name, check in _CHECKS.items():
        if name in checked:
            try:
                checked[name] = check(checked[name])
            except grouping_rules.BadRule as error:  # named by its place in the whole rule
                raise grouping_rules.BadRule(f"/{name}{error.pointer}", str(error)) from None
    return checked
