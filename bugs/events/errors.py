"""What is published of groups of errors and of releases."""

from typing import Any
from uuid import UUID

from audit import log
from audit.actors import Principal
from bugs.models import ErrorGroup, Release


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
