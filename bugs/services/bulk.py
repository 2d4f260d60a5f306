"""One change to many bugs: each bug for itself, so that one refusal leaves the others."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.actors import Principal
from bugs import custom, lifecycle, policy, tags
from bugs.choices import Resolution, Status
from bugs.selectors.bulk import Named
from bugs.services import bugs, custom_fields, rows

MAX_BUGS = 200
REFUSALS = (
    rows.NotThere,
    rows.Merged,
    policy.Refused,
    lifecycle.ForbiddenMove,
    lifecycle.MisplacedResolution,
    bugs.NotAMember,
    custom.BadValue,
    tags.TooManyTags,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one bug; `refused` says why nothing did."""

    is_changed: bool = False
    version: int | None = None
    refused: Exception | None = None


@transaction.atomic
def change(
    chosen: Collection[Named],
    *,
    wanted: Mapping[str, Any],
    by: Principal,
    dry_run: bool = False,
) -> dict[UUID, Outcome]:
    """Do the same to each bug; a dry run answers the same and changes nothing.

    wanted: fields of `bugs.edit`, `status` with `resolution`, and `assignee` by name. Tags are merged: null takes one
    away. Rows are locked in the order of their ids, so that two bulk changes never wait in a circle.
    """
    if len(chosen) > MAX_BUGS:
        raise ValueError(f"{MAX_BUGS} bugs at most")
    if "custom" in wanted:
        custom_fields.hold({bug.project_id for bug in chosen})
    outcomes = {bug_id: _try(bug_id, wanted, by) for bug_id in sorted({bug.id for bug in chosen})}
    if dry_run:
        transaction.set_rollback(True)
    return outcomes


def _try(bug_id: UUID, wanted: Mapping[str, Any], by: Principal) -> Outcome:
    try:
        with transaction.atomic():
            return _change_one(bug_id, wanted, by)
    except REFUSALS as refused:
        return Outcome(refused=refused)


def _change_one(bug_id: UUID, wanted: Mapping[str, Any], by: Principal) -> Outcome:
    bug = rows.locked(bug_id, by=by, action="bug.edit")
    before = bug.version
    changes = {name: wanted[name] for name in bugs.EDITABLE & wanted.keys()}
    if "tags" in changes:
        changes["tags"] = tags.merged(bug.tags, changes["tags"])
    if changes:
        bug = bugs.edit(bug_id, changes=changes, by=by)
    if "assignee" in wanted:
        name = wanted["assignee"]
        bug = bugs.assign(bug_id, assignee=name and bugs.member(bug.project_id, name), by=by)
    if "status" in wanted:
        resolution = Resolution(wanted["resolution"]) if wanted.get("resolution") else None
        bug = bugs.change_status(bug_id, to=Status(wanted["status"]), resolution=resolution, by=by)
    return Outcome(is_changed=bug.version != before, version=bug.version)
